/* crypto/x509: which chains hold, and the exact reason when one does not. */
#include "support/known_chain.h"
#include "support/test.h"

#include <stdio.h>

#include "base/limits.h"
#include "crypto/x509.h"
#include "support/soft_ca.h"
#include "support/vectors.h"

#define YEAR (365 * 86400)
#define NOW (SOFT_CA_NOON - 3600)

/* root -> ca -> leaf */
static struct soft_cert root, ca, leaf;

static int make(void **state)
{
    (void)state;
    root = (struct soft_cert){.name = "root", .ca = true, .from = NOW - YEAR, .to = NOW + YEAR};
    soft_ca_issue(&root);
    ca = root;
    ca = (struct soft_cert){
        .name = "ca", .issuer = &root, .ca = true, .from = NOW - YEAR, .to = NOW + YEAR};
    soft_ca_issue(&ca);
    leaf = (struct soft_cert){.name = "leaf", .issuer = &ca};
    soft_ca_issue(&leaf);
    return 0;
}

static struct x509_anchor pin(struct span der)
{
    struct x509_anchor a = {.der = der};
    assert_true(digest(HASH_SHA256, der, a.sha256));
    return a;
}

struct attempt {
    struct span leaf, extra[2], crls[2];
    size_t n_extra, n_crls;
    struct x509_anchor anchor;
    bool require_crls, no_anchor;
    int64_t at;
};

static struct attempt good(void)
{
    return (struct attempt){
        .leaf = leaf.der, .extra = {ca.der}, .n_extra = 1, .anchor = pin(root.der), .at = NOW};
}

static bool verify(const struct attempt *t, struct x509_answer *answer, struct situs_err *err)
{
    *err = (struct situs_err){0};
    struct x509 *cert = x509_read(t->leaf, NULL, "test", err);
    if (!cert)
        return false;
    struct x509_crls crls;
    const struct x509_question q = {.leaf = cert,
                                    .extra = t->extra,
                                    .n_extra = t->n_extra,
                                    .anchors = &t->anchor,
                                    .n_anchors = !t->no_anchor,
                                    .crls = soft_ca_crls(&crls, t->crls, t->n_crls),
                                    .require_crls = t->require_crls,
                                    .at = t->at,
                                    .part = "test"};
    bool ok = x509_verify(&q, answer, err);
    bool known = known_chain_same(&q, NOW, ok, answer, err);
    assert_true(known || !ok || t->at != NOW);
    x509_free(cert);
    return ok;
}

static void accept(struct attempt t, bool crls_checked)
{
    struct x509_answer answer;
    struct situs_err err;
    if (!verify(&t, &answer, &err))
        fail_msg("%s: %s", err.field, err.got);
    assert_int_equal(answer.anchor, 0);
    assert_int_equal(answer.crls_checked, crls_checked);
}

static void refuse(struct attempt t, enum situs_code code, const char *field)
{
    struct x509_answer answer;
    struct situs_err err;
    assert_false(verify(&t, &answer, &err));
    expect_err(err, code, field, SITUS_NO_OFFSET);
}

static void x509_accepts_a_chain_to_an_anchor(void **state)
{
    (void)state;
    struct attempt t = good();
    accept(t, false);
    t.anchor = pin(ca.der); /* an anchor need not be self-signed */
    accept(t, false);
}

/* Names are compared as OpenSSL does (RFC 5280, 7.1), and an anchor that nobody names is not even read. */
static void x509_reads_those_anchors_that_are_named(void **state)
{
    (void)state;
    struct soft_cert loud = {
        .name = "ROOT", .key = root.key, .ca = true, .from = NOW - YEAR, .to = NOW + YEAR};
    static const uint8_t algorithm[] = {0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
    struct attempt t = good();
    struct x509_answer answer;
    struct situs_err err;
    soft_ca_issue(&loud);
    t.anchor = pin(loud.der);
    accept(t, false);
    for (int named = 0; named < 2; named++) {
        struct soft_cert broken = {.name = named ? "root" : "nobody", .ca = true};
        soft_ca_issue(&broken);
        uint8_t *at = memmem(broken.der.p, broken.der.n, algorithm, sizeof algorithm);
        at[0] = 0x07;
        t.anchor = pin(broken.der);
        assert_false(verify(&t, &answer, &err));
        expect_err(err, named ? SITUS_MALFORMED : SITUS_UNTRUSTED,
                   named ? "certificate" : "chain[1].issuer", named ? 0 : SITUS_NO_OFFSET);
    }
}

static void x509_takes_a_pinned_root_from_the_evidence(void **state)
{
    (void)state;
    struct attempt t = good();
    t.anchor.der = span_of(NULL, 0);
    refuse(t, SITUS_UNTRUSTED, "chain[1].issuer");
    t.extra[1] = root.der;
    t.n_extra = 2;
    accept(t, false);
    t.anchor.sha256[31] ^= 1;
    refuse(t, SITUS_UNTRUSTED, "chain[2].issuer");
}

static void x509_refuses_what_no_anchor_ends(void **state)
{
    (void)state;
    struct attempt t = good();
    t.no_anchor = true;
    refuse(t, SITUS_UNTRUSTED, "chain[1].issuer");
    t = good();
    t.n_extra = 0;
    refuse(t, SITUS_UNTRUSTED, "chain[0].issuer");
    struct soft_cert self = {.name = "self"};
    soft_ca_issue(&self);
    t = good();
    t.leaf = self.der;
    refuse(t, SITUS_UNTRUSTED, "chain[0].issuer");
    t.anchor = pin(self.der); /* a leaf is not its own anchor */
    refuse(t, SITUS_UNTRUSTED, "chain[0].issuer");
    struct soft_cert twin = {
        .name = "root", .ca = true, .from = NOW - YEAR, .to = NOW + YEAR}; /* same name */
    soft_ca_issue(&twin);
    t = good();
    t.anchor = pin(twin.der);
    refuse(t, SITUS_UNTRUSTED, "chain[1].issuer");
}

static void x509_looks_at_the_time(void **state)
{
    (void)state;
    struct attempt t = good();
    t.at = SOFT_CA_NOON + 1;
    refuse(t, SITUS_EXPIRED, "chain[0].not_after");
    t.at = SOFT_CA_NOON - 1;
    accept(t, false);
    t.at = SOFT_CA_NOON - 12 * 3600 - 1;
    refuse(t, SITUS_NOT_YET_VALID, "chain[0].not_before");
    struct soft_cert old = leaf;
    old.to = NOW + 3 * YEAR;
    soft_ca_issue(&old);
    t.leaf = old.der;
    t.at = NOW + 2 * YEAR;
    refuse(t, SITUS_EXPIRED, "chain[2].not_after");
}

static void x509_refuses_bad_links(void **state)
{
    (void)state;
    struct attempt t = good();
    struct soft_cert bad = {.name = "leaf", .issuer = &ca, .bad_signature = true};
    soft_ca_issue(&bad);
    t.leaf = bad.der;
    refuse(t, SITUS_BAD_SIGNATURE, "chain[0].signature");
    struct soft_cert no_ca = {
        .name = "no ca", .issuer = &root, .from = NOW - YEAR, .to = NOW + YEAR};
    soft_ca_issue(&no_ca);
    struct soft_cert below = {.name = "leaf", .issuer = &no_ca};
    soft_ca_issue(&below);
    t.leaf = below.der;
    t.extra[0] = no_ca.der;
    refuse(t, SITUS_UNTRUSTED, "chain[1].basic_constraints");
    struct soft_cert weak = {.name = "leaf", .issuer = &ca, .sha1 = true};
    soft_ca_issue(&weak);
    t = good();
    t.leaf = weak.der;
    refuse(t, SITUS_NOT_ALLOWED, "chain[0].signature_algorithm");
    struct soft_cert unknown = {.name = "leaf", .issuer = &ca, .critical_unknown = true};
    soft_ca_issue(&unknown);
    t.leaf = unknown.der;
    refuse(t, SITUS_UNSUPPORTED, "chain[0].extensions");
    t = good();
    t.n_extra = LIMIT_CHAIN_CERTS + 1;
    refuse(t, SITUS_TOO_LONG, "chain");
}

/* Small CAs leave them out; one that is there names the issuer's key. */
static void x509_key_identifiers_may_be_absent_but_not_wrong(void **state)
{
    (void)state;
    struct attempt t = good();
    struct soft_cert without = {.name = "leaf", .issuer = &ca, .no_aki = true};
    soft_ca_issue(&without);
    t.leaf = without.der;
    accept(t, false);
    struct soft_cert wrong = {.name = "leaf",
                              .issuer = &ca,
                              .no_aki = true,
                              .oid = "2.5.29.35",
                              .value = SPAN_LIT("\x30\x06\x80\x04none")};
    soft_ca_issue(&wrong);
    t.leaf = wrong.der;
    refuse(t, SITUS_UNTRUSTED, "chain[0].issuer");
}

static void x509_looks_revocation_up(void **state)
{
    (void)state;
    struct attempt t = good();
    t.require_crls = true;
    refuse(t, SITUS_MISSING, "chain[0].crl");
    t.crls[0] = soft_ca_crl(&ca, NOW - 60, NOW + 60, 0);
    t.n_crls = 1;
    refuse(t, SITUS_MISSING, "chain[1].crl");
    t.crls[1] = soft_ca_crl(&root, NOW - 60, NOW + 60, 0);
    t.n_crls = 2;
    accept(t, true);
    t.require_crls = false;
    t.n_crls = 1;
    accept(t, false); /* looked up in part only: said so */
    t.crls[0] = soft_ca_crl(&ca, NOW - 60, NOW + 60, leaf.serial);
    refuse(t, SITUS_REVOKED, "chain[0].serial_number");
    t.crls[0] = soft_ca_crl(&root, NOW - 60, NOW + 60, ca.serial);
    refuse(t, SITUS_REVOKED, "chain[1].serial_number");
    t.crls[0] = soft_ca_crl(&ca, NOW - 60, NOW - 1, 0);
    refuse(t, SITUS_EXPIRED, "chain[0].crl.next_update");
    t.crls[0] = soft_ca_crl(&ca, NOW + 1, NOW + 60, 0);
    refuse(t, SITUS_NOT_YET_VALID, "chain[0].crl.this_update");
    uint8_t longer[2048] = {0};
    struct span crl = soft_ca_crl(&ca, NOW - 60, NOW + 60, 0);
    memcpy(longer, crl.p, crl.n);
    t.crls[0] = span_of(longer, crl.n + 1);
    struct x509_answer answer;
    struct situs_err err;
    assert_false(verify(&t, &answer, &err));
    expect_err(err, SITUS_TRAILING, "chain[0].crl", crl.n);
    t.crls[0] = soft_ca_crl(&ca, NOW - 60, 0, 0);
    assert_false(verify(&t, &answer, &err));
    assert_string_equal(err_code_name(err.code), "malformed");
    assert_string_equal(err.field, "chain[0].crl.next_update");
    struct soft_cert other = ca; /* the CA's name, another key */
    other.key = NULL;
    soft_ca_issue(&other);
    t.crls[0] = soft_ca_crl(&other, NOW - 60, NOW + 60, 0);
    refuse(t, SITUS_MISSING,
           "chain[0].crl"); /* given, and not of use: nobody knows whom it names */
    t.require_crls = true;
    assert_false(verify(&t, &answer, &err));
}

static void x509_reads_one_certificate_to_its_end(void **state)
{
    (void)state;
    uint8_t bytes[LIMIT_CERT + 1] = {0};
    memcpy(bytes, leaf.der.p, leaf.der.n);
    struct situs_err err = {0};
    size_t padding = 0;
    assert_null(x509_read(span_of(bytes, leaf.der.n + 3), NULL, "test", &err));
    expect_err(err, SITUS_TRAILING, "certificate", leaf.der.n);
    err = (struct situs_err){0};
    struct x509 *cert = x509_read(span_of(bytes, leaf.der.n + 3), &padding, "test", &err);
    assert_non_null(cert);
    assert_int_equal(padding, 3);
    x509_free(cert);
    bytes[leaf.der.n + 2] = 1;
    assert_null(x509_read(span_of(bytes, leaf.der.n + 3), &padding, "test", &err));
    expect_err(err, SITUS_TRAILING, "certificate", leaf.der.n);
    err = (struct situs_err){0};
    assert_null(x509_read(span_of(bytes, leaf.der.n - 1), NULL, "test", &err));
    expect_err(err, SITUS_MALFORMED, "certificate", 0);
    err = (struct situs_err){0};
    bytes[leaf.der.n + 2] = 0;
    assert_null(x509_read(SPAN_ARR(bytes), &padding, "test", &err));
    expect_err(err, SITUS_TOO_LONG, "certificate", SITUS_NO_OFFSET);
}

/* Makers of TPMs fill an index with 00, ff or 11; what is mixed, or anything else, is no
 * filling. */
static void x509_in_nv_is_filled_by_one_value(void **state)
{
    (void)state;
    static const struct {
        uint8_t first, rest;
        bool reads;
    } rows[] = {{0x00, 0x00, true},  {0xff, 0xff, true},  {0x11, 0x11, true},  {0x00, 0xff, false},
                {0xff, 0x11, false}, {0x12, 0x12, false}, {0x30, 0x00, false}, {0x01, 0x01, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[LIMIT_CERT];
        struct situs_err err = {0};
        size_t padding = 0;
        memset(bytes, rows[i].rest, sizeof bytes);
        memcpy(bytes, leaf.der.p, leaf.der.n);
        bytes[leaf.der.n] = rows[i].first;
        struct span whole = span_of(bytes, leaf.der.n + 50);
        struct x509 *cert = x509_read_nv(whole, &padding, "test", &err);
        assert_int_equal(cert != NULL, rows[i].reads);
        if (cert)
            assert_int_equal(padding, 50);
        else
            expect_err(err, SITUS_TRAILING, "certificate", leaf.der.n);
        x509_free(cert);
        err = (struct situs_err){0};
        cert = x509_read(whole, &padding, "test", &err); /* elsewhere zeros alone may follow */
        assert_int_equal(cert != NULL, i == 0);
        x509_free(cert);
    }
}

/* Real chains: a critical SAN with TCG attributes, an empty subject, certificates without EKU. */
static void x509_accepts_real_chains(void **state)
{
    (void)state;
    vectors_need();
    static const char *const names[] = {"rsa_sign", "rsa_enc", "ecc_sign", "ecc_enc"};
    struct attempt t = {.n_extra = 1, .at = 1700000000};
    char path[128];
    for (size_t i = 0; i < 8; i++) {
        bool pca = i < 4;
        snprintf(path, sizeof path, "tpm/gcp-certificates/%s_tpm_%s_cert.pem", pca ? "pca" : "uca",
                 names[i % 4]);
        t.leaf = soft_ca_pem(vectors_read(path), 0);
        t.extra[0] = vectors_read(pca ? "roots/gcp/gcp_ek_ak_ca_intermediate_v3.crt"
                                      : "roots/gcp/tpm_ek_intermediate_3.crt");
        t.anchor = pin(
            vectors_read(pca ? "roots/gcp/gcp_ek_ak_ca_root.crt" : "roots/gcp/tpm_ek_root_1.cer"));
        accept(t, false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x509_accepts_a_chain_to_an_anchor),
        cmocka_unit_test(x509_reads_those_anchors_that_are_named),
        cmocka_unit_test(x509_takes_a_pinned_root_from_the_evidence),
        cmocka_unit_test(x509_refuses_what_no_anchor_ends),
        cmocka_unit_test(x509_looks_at_the_time),
        cmocka_unit_test(x509_refuses_bad_links),
        cmocka_unit_test(x509_key_identifiers_may_be_absent_but_not_wrong),
        cmocka_unit_test(x509_looks_revocation_up),
        cmocka_unit_test(x509_reads_one_certificate_to_its_end),
        cmocka_unit_test(x509_in_nv_is_filled_by_one_value),
        cmocka_unit_test(x509_accepts_real_chains),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
