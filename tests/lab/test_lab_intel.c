/* The lab's Intel, judged by OpenSSL and the specifications, not by situs' own readers. */
#include "support/test.h"

#include <time.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "base/text.h"
#include "lab/intel/lab_intel.h"

#define AT INT64_C(1800000000)

static int setup(void **state)
{
    *state = lab_world_new(AT);
    return 0;
}

static int teardown(void **state)
{
    lab_world_free(*state);
    return 0;
}

static X509 *certificate(struct lab_world *w, const struct lab_cert *c)
{
    struct span der = lab_cert_make(w, c);
    const uint8_t *p = der.p;
    X509 *x = d2i_X509(NULL, &p, (long)der.n);
    assert_non_null(x);
    assert_ptr_equal(p, der.p + der.n);
    return x;
}

static void add_crl(X509_STORE *store, struct lab_world *w, const struct lab_crl *crl)
{
    struct span der = lab_crl_make(w, crl);
    const uint8_t *p = der.p;
    X509_CRL *c = d2i_X509_CRL(NULL, &p, (long)der.n);
    assert_non_null(c);
    assert_ptr_equal(p, der.p + der.n);
    assert_true(X509_STORE_add_crl(store, c));
    X509_CRL_free(c);
}

/* verdict is OpenSSL's error for the chain under the lab's root with both CRLs at the time. */
static int verdict(struct lab_world *w, const struct lab_chain *chain, const struct lab_crl *root,
                   const struct lab_crl *pck, int64_t at)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *between = sk_X509_new_null();
    struct lab_cert honest_root = lab_cert_root(w);
    X509 *anchor = certificate(w, &honest_root), *leaf = certificate(w, &chain->certs[0]);
    for (size_t i = 1; i < chain->n; i++)
        sk_X509_push(between, certificate(w, &chain->certs[i]));
    X509_STORE_add_cert(store, anchor);
    add_crl(store, w, root);
    add_crl(store, w, pck);
    X509_STORE_CTX_init(ctx, store, leaf, between);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
                                           X509_V_FLAG_X509_STRICT |
                                           X509_V_FLAG_CHECK_SS_SIGNATURE);
    X509_VERIFY_PARAM_set_time(param, (time_t)at);
    int ok = X509_verify_cert(ctx), error = X509_STORE_CTX_get_error(ctx);
    assert_int_equal(ok == 1, error == X509_V_OK);
    sk_X509_pop_free(between, X509_free);
    X509_free(leaf);
    X509_free(anchor);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    ERR_clear_error();
    return error;
}

static int honest_verdict(struct lab_world *w, const struct lab_chain *chain, int64_t at)
{
    bool processor = strcmp(chain->certs[0].issuer, LAB_CN_PROCESSOR_CA) == 0;
    struct lab_crl root = lab_crl_root(w), pck = lab_crl_pck(w, processor);
    return verdict(w, chain, &root, &pck, at);
}

static bool signature_holds(EVP_PKEY *key, struct span message, const uint8_t rs[64])
{
    uint8_t *der = NULL;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    ECDSA_SIG_set0(sig, BN_bin2bn(rs, 32, NULL), BN_bin2bn(rs + 32, 32, NULL));
    int n = i2d_ECDSA_SIG(sig, &der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestVerify(ctx, der, (size_t)n, message.p, message.n) == 1;
    EVP_MD_CTX_free(ctx);
    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
    ERR_clear_error();
    return ok;
}

static void chains_verify_in_openssl_with_crls(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform platform = lab_platform_honest(0), processor = lab_platform_honest(1);
    processor.processor_ca = true;
    struct lab_chain chains[] = {lab_chain_pck(w, &platform), lab_chain_pck(w, &processor),
                                 lab_chain_tcb(w), lab_chain_ca(w, true)};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(honest_verdict(w, &chains[i], AT), X509_V_OK);
}

/* With which code is OpenSSL's own matter, but for times. */
static void chains_are_refused_when_bent(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform p = lab_platform_honest(0);
    struct lab_chain good = lab_chain_pck(w, &p), c = good;
    c.certs[2].key = c.certs[2].signing_key = LAB_KEY_IMPOSTOR; /* same name, other root */
    c.certs[1].signing_key = c.certs[1].issuer_key = c.certs[2].issuer_key = LAB_KEY_IMPOSTOR;
    assert_int_not_equal(honest_verdict(w, &c, AT), X509_V_OK);
    c = good;
    c.certs[0].signing_key = LAB_KEY_IMPOSTOR;
    assert_int_not_equal(honest_verdict(w, &c, AT), X509_V_OK);
    c = good;
    c.certs[0].not_after = AT - 1;
    assert_int_equal(honest_verdict(w, &c, AT), X509_V_ERR_CERT_HAS_EXPIRED);
    c = good;
    c.certs[1].ca = false;
    assert_int_not_equal(honest_verdict(w, &c, AT), X509_V_OK);
    c = good;
    c.n = 1;
    assert_int_not_equal(honest_verdict(w, &c, AT), X509_V_OK);
    assert_int_equal(honest_verdict(w, &good, AT + 31 * LAB_DAY), X509_V_ERR_CRL_HAS_EXPIRED);
}

static void crls_revoke_leaf_and_ca(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform p = lab_platform_honest(0);
    struct lab_chain chain = lab_chain_pck(w, &p);
    struct lab_crl root = lab_crl_root(w), pck = lab_crl_pck(w, false);
    pck.revoked[pck.n_revoked++] = SPAN_LIT("\x12\x34");
    assert_int_equal(verdict(w, &chain, &root, &pck, AT), X509_V_OK);
    pck.revoked[pck.n_revoked++] = SPAN_ARR(chain.certs[0].serial);
    assert_int_equal(verdict(w, &chain, &root, &pck, AT), X509_V_ERR_CERT_REVOKED);
    pck.n_revoked = 0;
    root.revoked[root.n_revoked++] = SPAN_ARR(chain.certs[1].serial);
    assert_int_equal(verdict(w, &chain, &root, &pck, AT), X509_V_ERR_CERT_REVOKED);
}

static void answers_are_signed_over_raw_bytes(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform p = lab_platform_honest(0);
    struct lab_tcb_info t = lab_tcb_info_honest(w, &p, true);
    EVP_PKEY *key = lab_key_pair(w, LAB_KEY_TCB_SIGNING);
    uint8_t rs[64];
    t.before[0] = LAB_REPLACE("\"version\":3", "\"version\": 3");
    struct lab_signed s = lab_tcb_info_make(w, &t);
    lab_key_sign(w, LAB_KEY_TCB_SIGNING, s.body, rs);
    char hex[129];
    assert_memory_equal(text_hex(hex, sizeof hex, SPAN_ARR(rs)), s.signature.p, 128);
    assert_true(signature_holds(key, s.body, rs));
    assert_true(span_equal(span_cut(s.answer, 11, s.body.n), s.body));
    t.after[0] = LAB_REPLACE("UpToDate", "UpToDatE");
    struct lab_signed bent = lab_tcb_info_make(w, &t);
    assert_true(span_equal(bent.signature, s.signature));
    assert_false(signature_holds(key, bent.body, rs));
}

/* One quote, checked field by field: the layout, both signatures, and the QE's report data. */
static void check_quote(struct lab_world *w, const struct lab_quote *q, size_t body_size)
{
    struct span s = lab_quote_make(w, q);
    struct lab_quote_layout at = lab_quote_layout(q);
    assert_int_equal(at.signature_size - at.body, body_size);
    const uint8_t *n = s.p + at.signature_size;
    size_t signature_size = n[0] | (size_t)n[1] << 8 | (size_t)n[2] << 16 | (size_t)n[3] << 24;
    assert_int_equal(at.signature + signature_size + q->padding, s.n);
    assert_true(signature_holds(lab_key_pair(w, q->signing_key), span_of(s.p, at.signature_size),
                                s.p + at.signature));
    assert_true(signature_holds(lab_key_pair(w, q->pck_key), span_of(s.p + at.qe_report, 384),
                                s.p + at.qe_report_signature));
    uint8_t vouched[64 + 32], hash[64] = {0};
    memcpy(vouched, s.p + at.attestation_key, 64);
    memcpy(vouched + 64, s.p + at.auth_data, 32);
    lab_hash256(hash, SPAN_ARR(vouched));
    assert_memory_equal(s.p + at.qe_report + 320, hash, 64);
    assert_memory_equal(s.p + at.auth_size, "\x20\0", 2);
    assert_memory_equal(s.p + at.inner_type, "\5\0", 2);
    if (q->version != 3)
        assert_memory_equal(s.p + at.outer_type, "\6\0", 2);
    assert_memory_equal(s.p + at.certification, "-----BEGIN CERTIFICATE-----\n", 28);
}

static void quotes_have_the_layout_of_the_specification(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform p = lab_platform_honest(0);
    struct lab_quote v4 = lab_quote_tdx(w, &p, 4, LAB_BODY_TD10);
    struct lab_quote v5 = lab_quote_tdx(w, &p, 5, LAB_BODY_TD15);
    struct lab_quote v5_td10 = lab_quote_tdx(w, &p, 5, LAB_BODY_TD10);
    struct lab_quote v3 = lab_quote_sgx(w, &p, 3), v5_sgx = lab_quote_sgx(w, &p, 5);
    v4.padding = 100;
    check_quote(w, &v4, 584);
    check_quote(w, &v5, 648);
    check_quote(w, &v5_td10, 584);
    check_quote(w, &v3, 384);
    check_quote(w, &v5_sgx, 384);
    /* TDX DCAP A.3.1, A.3.2: the version 4 offsets, spelled out */
    struct lab_quote_layout at = lab_quote_layout(&v4);
    assert_int_equal(at.body, 48);
    assert_int_equal(at.signature_size, 632);
    assert_int_equal(at.attestation_key, 700);
    assert_int_equal(at.outer_type, 764);
    assert_int_equal(at.qe_report, 770);
    assert_int_equal(at.auth_size, 1218);
    assert_int_equal(at.inner_type, 1252);
    assert_int_equal(at.certification, 1258);
}

static void report_data_stands_where_the_specification_says(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform p = lab_platform_honest(0);
    struct lab_quote q = lab_quote_tdx(w, &p, 5, LAB_BODY_TD15);
    memset(q.td.report_data, 0xd1, 64);
    memset(q.td.mr_service_td, 0xd2, 48);
    memset(q.td.rtmr[3], 0xd3, 48);
    struct span s = lab_quote_make(w, &q);
    assert_memory_equal(s.p + 54 + 520, q.td.report_data, 64);
    assert_memory_equal(s.p + 54 + 600, q.td.mr_service_td, 48);
    assert_memory_equal(s.p + 54 + 472, q.td.rtmr[3], 48);
}

static void edits_before_signing_keep_the_signature(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform p = lab_platform_honest(0);
    struct lab_quote q = lab_quote_tdx(w, &p, 4, LAB_BODY_TD10);
    q.signed_part[0] = LAB_AT(0, "\x07");
    struct span s = lab_quote_make(w, &q);
    assert_int_equal(s.p[0], 7);
    EVP_PKEY *key = lab_key_pair(w, q.signing_key);
    assert_true(signature_holds(key, span_of(s.p, 632), s.p + 636));
    q.after[0] = LAB_AT(0, "\x08");
    s = lab_quote_make(w, &q);
    assert_int_equal(s.p[0], 8);
    assert_false(signature_holds(key, span_of(s.p, 632), s.p + 636));
    size_t n = s.n;
    q.after[1] = LAB_APPEND("tail");
    s = lab_quote_make(w, &q);
    assert_memory_equal(s.p + n, "tail", 4);
    q.after[2] = (struct lab_edit){.find = SPAN_LIT("tail")};
    assert_int_equal(lab_quote_make(w, &q).n, n);
}

static void equal_descriptions_give_equal_bytes(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform p = lab_platform_honest(0);
    struct lab_quote q = lab_quote_tdx(w, &p, 4, LAB_BODY_TD10);
    struct lab_collateral c = lab_collateral_honest(w, &p, true);
    assert_true(span_equal(lab_quote_make(w, &q), lab_quote_make(w, &q)));
    assert_true(span_equal(lab_collateral_json(w, &c), lab_collateral_json(w, &c)));
    assert_true(span_equal(lab_cert_make(w, &q.chain.certs[1]),
                           lab_cert_make(w, &c.pck_crl_chain.certs[0])));
}

static void machines_differ(void **state)
{
    (void)state;
    struct lab_platform a = lab_platform_honest(0), b = lab_platform_honest(1);
    assert_memory_not_equal(a.ppid, b.ppid, 16);
    assert_memory_not_equal(a.piid, b.piid, 16);
    assert_int_not_equal(a.pck_key, b.pck_key);
}

/* everything is all the bytes that a verifier gets to see of a scene. */
static struct span everything(struct lab_world *w, const struct lab_scene *s)
{
    struct lab_buf b = {0};
    lab_buf_bytes(&b, lab_quote_make(w, &s->quote));
    lab_buf_bytes(&b, lab_collateral_json(w, &s->collateral));
    return lab_world_keep(w, &b);
}

static void every_case_differs_from_the_honest_scene(void **state)
{
    struct lab_world *w = *state;
    struct lab_scene honest = lab_scene_honest(w);
    struct span good = everything(w, &honest);
    const struct lab_fault *c;
    size_t i = 0;
    for (; (c = lab_fault_at(i)) != NULL; i++) {
        struct lab_scene s = honest;
        c->bend(w, &s, c->form);
        if (span_equal(everything(w, &s), good))
            fail_msg("%s (%s) is honest", c->id, c->what);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(lab_fault_at(k)->id, c->id);
    }
    assert_true(i > 100);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(chains_verify_in_openssl_with_crls),
        T(chains_are_refused_when_bent),
        T(crls_revoke_leaf_and_ca),
        T(answers_are_signed_over_raw_bytes),
        T(quotes_have_the_layout_of_the_specification),
        T(report_data_stands_where_the_specification_says),
        T(edits_before_signing_keep_the_signature),
        T(equal_descriptions_give_equal_bytes),
        T(machines_differ),
        T(every_case_differs_from_the_honest_scene),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
