/* situs' own readers accept what the lab makes, and refuse it bent: the lab is a fair stand-in. */
#include "support/test.h"

#include "lab/intel/lab_intel.h"
#include "model/trust.h"
#include "support/vectors.h"
#include "tee/intel/chain.h"

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

static void read_cert(struct intel_cert *cert, struct lab_world *w, const struct lab_cert *c)
{
    struct situs_err err = {0};
    bool ok = intel_cert_read(cert, lab_cert_make(w, c), 0, "certificate", &err);
    assert_string_equal(err.field, "");
    assert_true(ok);
}

static void expect_signed_by(struct lab_world *w, const struct lab_cert *subject,
                             const struct lab_cert *issuer)
{
    struct intel_cert s, i;
    read_cert(&s, w, subject);
    read_cert(&i, w, issuer);
    struct p256_key *key = p256_key_new(i.point);
    assert_non_null(key);
    assert_true(intel_cert_signed_by(&s, &i, key));
    p256_key_free(key);
}

static void every_certificate_is_read_and_signed(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform platform = lab_platform_honest(0), processor = lab_platform_honest(1);
    processor.processor_ca = true;
    struct lab_cert root = lab_cert_root(w), ca = lab_cert_platform_ca(w);
    struct lab_cert processor_ca = lab_cert_processor_ca(w), tcb = lab_cert_tcb_signing(w);
    struct lab_cert pck = lab_cert_pck(w, &platform), pck_1 = lab_cert_pck(w, &processor);
    expect_signed_by(w, &root, &root);
    expect_signed_by(w, &ca, &root);
    expect_signed_by(w, &processor_ca, &root);
    expect_signed_by(w, &tcb, &root);
    expect_signed_by(w, &pck, &ca);
    expect_signed_by(w, &pck_1, &processor_ca);
}

static void the_sgx_extension_says_what_the_platform_is(void **state)
{
    struct lab_world *w = *state;
    for (unsigned n = 0; n < 16; n++) {
        struct lab_platform p = lab_platform_honest(n);
        p.processor_ca = n & 1;
        struct lab_cert c = lab_cert_pck(w, &p);
        struct intel_cert cert;
        struct pck_info info = {0};
        struct situs_err err = {0};
        read_cert(&cert, w, &c);
        bool ok = pck_info_read(&info, &cert, 0, "certificate", &err);
        assert_string_equal(err.field, "");
        assert_true(ok);
        assert_memory_equal(info.ppid, p.ppid, 16);
        assert_memory_equal(info.components, p.components, 16);
        assert_memory_equal(info.cpusvn, p.cpusvn, 16);
        assert_memory_equal(info.fmspc, p.fmspc, 6);
        assert_int_equal(info.pcesvn, p.pcesvn);
        assert_int_equal(info.sgx_type, p.sgx_type);
        assert_int_equal(info.has_piid, !p.processor_ca);
        assert_int_equal(info.has_configuration, !p.processor_ca);
        if (info.has_piid)
            assert_memory_equal(info.piid, p.piid, 16);
    }
}

static void crls_are_read_signed_and_revoke(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform p = lab_platform_honest(0);
    struct lab_cert ca = lab_cert_platform_ca(w), pck = lab_cert_pck(w, &p);
    struct lab_crl crl = lab_crl_pck(w, false);
    crl.revoked[crl.n_revoked++] = SPAN_LIT("\x81\x02");
    crl.revoked[crl.n_revoked++] = SPAN_ARR(pck.serial);
    static uint8_t memory[4096];
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct intel_crl read;
    struct intel_cert issuer, leaf;
    bool ok = intel_crl_read(&read, lab_crl_make(w, &crl), "crl", &a, &err);
    assert_string_equal(err.field, "");
    assert_true(ok);
    read_cert(&issuer, w, &ca);
    read_cert(&leaf, w, &pck);
    struct p256_key *key = p256_key_new(issuer.point);
    assert_true(intel_crl_signed_by(&read, &issuer, key));
    p256_key_free(key);
    assert_true(intel_crl_revokes(&read, leaf.serial));
    assert_true(intel_crl_revokes(&read, SPAN_LIT("\0\x81\x02")));
    assert_false(intel_crl_revokes(&read, issuer.serial));
    assert_int_equal(read.valid.from, crl.this_update);
    assert_int_equal(read.valid.to, crl.next_update);
}

static void pem_chains_are_read(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform p = lab_platform_honest(0);
    struct lab_chain chain = lab_chain_pck(w, &p);
    chain.edits[0] = LAB_APPEND("\0"); /* as Azure sends it */
    static uint8_t memory[16384];
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct intel_cert certs[LAB_CHAIN];
    size_t n = 0;
    bool ok = intel_pem_chain(certs, LAB_CHAIN, &n,
                              (struct intel_pem){lab_chain_pem(w, &chain), 0, "quote"}, &a, &err);
    assert_string_equal(err.field, "");
    assert_true(ok);
    assert_int_equal(n, 3);
    assert_int_equal(certs[0].role, INTEL_PCK);
    assert_int_equal(certs[2].role, INTEL_ROOT);
}

static void the_trust_file_is_read_as_simulated(void **state)
{
    struct lab_world *w = *state;
    static uint8_t memory[16384];
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct trust trust;
    struct lab_cert root = lab_cert_root(w);
    bool ok = trust_read(&trust, lab_trust_json(w), &a, &err);
    assert_string_equal(err.field, "");
    assert_true(ok);
    assert_int_equal(trust.n, 1);
    assert_int_equal(trust.anchors[0].uses, ANCHOR_TDX);
    assert_true(trust.anchors[0].simulated);
    assert_true(span_equal(trust.anchors[0].der, lab_cert_make(w, &root)));
}

/* length is a DER length at *at, which it moves past it (X.690 8.1.3). */
static size_t length(struct span der, size_t *at)
{
    size_t n = der.p[(*at)++];
    if (n < 0x80)
        return n;
    size_t octets = n & 0x7f;
    for (n = 0; octets > 0; octets--)
        n = n << 8 | der.p[(*at)++];
    return n;
}

/* tags appends what kind of DER element comes where, without the contents but of OIDs. */
static void tags(struct lab_buf *shape, struct span der)
{
    for (size_t at = 0; at + 2 <= der.n;) {
        uint8_t tag = der.p[at++];
        size_t n = length(der, &at);
        assert_true(at + n <= der.n);
        struct span content = span_cut(der, at, n);
        lab_buf_u8(shape, tag);
        if (tag == DER_OID)
            lab_buf_bytes(shape, content);
        else if (tag & DER_CONSTRUCTED)
            tags(shape, content);
        lab_buf_u8(shape, '.');
        at += n;
    }
}

/* Real certificates of the same role have the same shape and OIDs, the SGX extension included. */
static void lab_and_real_certificates_have_one_shape(void **state)
{
    struct lab_world *w = *state;
    vectors_need();
    static uint8_t memory[65536];
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct lab_platform p = lab_platform_honest(0);
    struct lab_chain chain = lab_chain_pck(w, &p);
    struct span quote = vectors_read("tdx/azure-2026/quote.bin");
    struct lab_quote q = lab_quote_tdx(w, &p, 4, LAB_BODY_TD10);
    size_t at = lab_quote_layout(&q).certification;
    struct intel_cert real[3], lab[3];
    size_t n_real, n_lab;
    const uint8_t *size = quote.p + at - 4;
    struct span pem = span_cut(quote, at, size[0] | (size_t)size[1] << 8); /* 3678 bytes */
    assert_true(intel_pem_chain(real, 3, &n_real, (struct intel_pem){pem, 0, "quote"}, &a, &err));
    assert_true(intel_pem_chain(lab, 3, &n_lab,
                                (struct intel_pem){lab_chain_pem(w, &chain), 0, "lab"}, &a, &err));
    for (size_t i = 0; i < 3; i++) {
        struct lab_buf shape[2] = {{0}, {0}};
        tags(&shape[0], real[i].der);
        tags(&shape[0], real[i].sgx);
        tags(&shape[1], lab[i].der);
        tags(&shape[1], lab[i].sgx);
        assert_true(span_equal(lab_buf_span(&shape[0]), lab_buf_span(&shape[1])));
        assert_true(span_equal(real[i].subject, lab[i].subject));
        assert_true(span_equal(real[i].issuer, lab[i].issuer));
        lab_buf_free(&shape[0]);
        lab_buf_free(&shape[1]);
    }
}

/* One bend of a certificate or its SGX extension. */
static void expect_refused(struct lab_world *w, const struct lab_cert *c, enum situs_code code,
                           const char *field)
{
    struct situs_err err = {0};
    struct intel_cert cert;
    struct pck_info info;
    assert_false(intel_cert_read(&cert, lab_cert_make(w, c), 0, "certificate", &err) &&
                 pck_info_read(&info, &cert, 0, "certificate", &err));
    assert_string_equal(err_code_name(err.code), err_code_name(code));
    assert_string_equal(err.field, field);
}

static void bent_extensions_are_refused(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform p = lab_platform_honest(0);
    struct lab_cert good = lab_cert_pck(w, &p), c = good;
    c.more_extensions = lab_cert_extension(w, SPAN_LIT("\x55\x1d\x36"), true, SPAN_LIT("\2\1\0"));
    expect_refused(w, &c, SITUS_UNSUPPORTED, "tbs.extensions");
    c = good;
    c.more_extensions = lab_cert_extension(w, SPAN_LIT("\x55\x1d\x13"), true, SPAN_LIT("\x30\0"));
    expect_refused(w, &c, SITUS_DUPLICATE, "tbs.extensions");
    c = good;
    c.leave_out = LAB_EXT_SGX;
    expect_refused(w, &c, SITUS_MISSING, "sgx");
    c = good;
    c.leave_out = LAB_EXT_KEY_USAGE;
    expect_refused(w, &c, SITUS_MISSING, "tbs.extensions.key_usage");
    c = good;
    c.key_usage = LAB_USAGE_CA;
    expect_refused(w, &c, SITUS_MISMATCH, "tbs.extensions.key_usage");
    c = good;
    c.ca = true;
    expect_refused(w, &c, SITUS_MISMATCH, "tbs.extensions.basic_constraints");
    c = lab_cert_platform_ca(w);
    c.leave_out = LAB_EXT_BASIC_CONSTRAINTS;
    expect_refused(w, &c, SITUS_MISMATCH, "tbs.extensions.basic_constraints");
    c = lab_cert_root(w);
    c.path_length = 0;
    expect_refused(w, &c, SITUS_MISMATCH, "tbs.extensions.basic_constraints");
}

static void bent_certificates_are_refused(void **state)
{
    struct lab_world *w = *state;
    struct lab_platform p = lab_platform_honest(0);
    struct lab_cert good = lab_cert_pck(w, &p), c = good;
    struct span sha384 = SPAN_LIT("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03");
    c.more_sgx = SPAN_LIT("\x30\x1e\x06\x0a\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01\x01\x04\x10"
                          "second PPID 1234");
    expect_refused(w, &c, SITUS_DUPLICATE, "sgx");
    c = good;
    c.more_sgx = SPAN_LIT("\x30\x0e\x06\x0a\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01\x09\x04\0");
    expect_refused(w, &c, SITUS_UNKNOWN, "sgx");
    c = good;
    c.inner_algorithm = sha384;
    expect_refused(w, &c, SITUS_UNSUPPORTED, "tbs.signature");
    c = good;
    c.outer_algorithm = sha384;
    expect_refused(w, &c, SITUS_UNSUPPORTED, "signature_algorithm");
    c = good;
    c.subject = "Intel SGX PCK Sertificate";
    expect_refused(w, &c, SITUS_UNKNOWN, "tbs.subject.common_name");
    c = good; /* secp256k1 */
    c.before[0] =
        LAB_REPLACE("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", "\x06\x08\x2b\x81\x04\0\x0a\0\0\0");
    expect_refused(w, &c, SITUS_UNSUPPORTED, "tbs.subject_public_key_info");
    c = good;
    c.after[0] = LAB_APPEND("\0");
    expect_refused(w, &c, SITUS_TRAILING, "certificate");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(every_certificate_is_read_and_signed), T(the_sgx_extension_says_what_the_platform_is),
        T(crls_are_read_signed_and_revoke),      T(pem_chains_are_read),
        T(the_trust_file_is_read_as_simulated),  T(lab_and_real_certificates_have_one_shape),
        T(bent_extensions_are_refused),          T(bent_certificates_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
