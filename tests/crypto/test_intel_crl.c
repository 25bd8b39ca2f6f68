/* tee/intel/intel_crl: real CRLs hold under their issuers; incomplete, indirect and malformed ones are
 * refused. */
#include "support/intel_vectors.h"
#include "support/make_cert.h"
#include "support/test.h"
#include "support/vectors.h"

#include "base/limits.h"
#include "base/text.h"

#include <openssl/x509_vfy.h>

#include <stdlib.h>

static _Alignas(16) uint8_t memory[1 << 20];

static bool holds(const struct intel_crl *crl, const struct intel_cert *issuer)
{
    struct p256_key *key = p256_key_new(issuer->point);
    assert_non_null(key);
    bool ok = intel_crl_signed_by(crl, issuer, key);
    p256_key_free(key);
    return ok;
}

static void real_crls_hold_under_their_issuers(void **state)
{
    (void)state;
    vectors_need();
    for (const char *const *f = intel_vectors_folders; *f; f++) {
        struct arena a = arena_new(memory, sizeof memory);
        struct situs_err err = {0};
        struct intel_cert certs[3];
        struct intel_crl root, pck;
        size_t n;
        struct span pem = intel_vectors_read(*f, "pck_crl_issuer_chain.pem");
        if (pem.n == 0)
            continue;
        assert_true(intel_pem_chain(certs, 3, &n, (struct intel_pem){pem, 0, "chain"}, &a, &err));
        struct span der = intel_vectors_read(*f, "pck_crl.der");
        assert_true(intel_crl_read(&pck, der, "pck_crl", &a, &err));
        der = intel_vectors_read(*f, "root_ca_crl.der");
        assert_true(intel_crl_read(&root, der, "root_ca_crl", &a, &err));
        assert_true(holds(&pck, &certs[0]));
        assert_true(holds(&root, &certs[1]));
        assert_false(holds(&pck, &certs[1]));
        assert_false(holds(&root, &certs[0]));
        assert_true(pck.n_revoked > 10);
        assert_int_equal(root.n_revoked, 0);
        assert_false(intel_crl_revokes(&root, certs[0].serial));
        assert_true(pck.valid.from < pck.valid.to);
        for (size_t i = 0; i < pck.n_revoked; i++)
            assert_true(intel_crl_revokes(&pck, pck.revoked[i]));
        n = 0;
        assert_true(intel_pem_chain(
            certs, 3, &n, (struct intel_pem){intel_vectors_pck_chain(*f), 0, "c"}, &a, &err));
        assert_false(intel_crl_revokes(&pck, certs[0].serial));
    }
}

static void one_real_serial_is_revoked(void **state)
{
    (void)state;
    vectors_need();
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct intel_crl crl;
    struct span der = intel_vectors_read("phala-v4", "pck_crl.der");
    assert_true(intel_crl_read(&crl, der, "pck_crl", &a, &err));
    assert_true(intel_crl_revokes(&crl, make_hex("6fc34e5023e728923435d61aa4b83c618166ad35")));
    assert_true(intel_crl_revokes(&crl, make_hex("00efae6e9715fca13b87e333e8261ed6d990a926ad")));
    assert_false(intel_crl_revokes(&crl, make_hex("6fc34e5023e728923435d61aa4b83c618166ad36")));
    assert_false(intel_crl_revokes(&crl, make_hex("6fc34e5023e728923435d61aa4b83c618166ad")));
    make_reset();
}

static void one_flipped_bit_is_refused(void **state)
{
    (void)state;
    vectors_need();
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct intel_cert certs[3];
    size_t n;
    struct span pem = intel_vectors_read("azure-2026", "pck_crl_issuer_chain.pem");
    assert_true(intel_pem_chain(certs, 3, &n, (struct intel_pem){pem, 0, "chain"}, &a, &err));
    struct p256_key *key = p256_key_new(certs[1].point);
    struct span real = intel_vectors_read("azure-2026", "root_ca_crl.der");
    uint8_t der[1024];
    memcpy(der, real.p, real.n);
    size_t used = a.used;
    for (size_t bit = 0; bit < real.n * 8; bit++) {
        struct intel_crl crl;
        err = (struct situs_err){0};
        a.used = used;
        der[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (intel_crl_read(&crl, span_of(der, real.n), "crl", &a, &err) &&
            intel_crl_signed_by(&crl, &certs[1], key))
            fail_msg("the CRL holds with bit %zu flipped", bit);
        der[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    p256_key_free(key);
}

struct scene {
    struct make_key *ca_key;
    struct span ca, crl;
    struct make_doc doc;
};

/* A Platform CA and its CRL with one part replaced. */
static struct scene make_scene(enum make_part part, const char *hex)
{
    struct scene s = {.ca_key = make_key()};
    struct make_key *root = make_key();
    struct make_doc ca = make_cert(INTEL_PLATFORM_CA, s.ca_key, INTEL_ROOT, root);
    s.ca = make_signed(&ca, root);
    s.doc = make_crl(INTEL_PLATFORM_CA, s.ca_key);
    if (hex)
        s.doc.part[part] = make_hex(hex);
    s.crl = make_signed(&s.doc, s.ca_key);
    return s;
}

static const int64_t at = 1772323200; /* 2026-03-01T00:00:00Z */

static bool situs_accepts(const struct scene *s)
{
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct intel_cert ca;
    struct intel_crl crl;
    assert_true(intel_cert_read(&ca, s->ca, 0, "ca", &err));
    return intel_crl_read(&crl, s->crl, "crl", &a, &err) && at >= crl.valid.from &&
           at <= crl.valid.to && holds(&crl, &ca);
}

/* Whether X509_verify_cert takes a PCK certificate under the CRL; the CA is a trusted end. */
static bool openssl_accepts(const struct scene *s)
{
    struct make_key *leaf_key = make_key();
    struct make_doc doc = make_cert(INTEL_PCK, leaf_key, INTEL_PLATFORM_CA, s->ca_key);
    struct span der = make_signed(&doc, s->ca_key);
    const uint8_t *p = der.p, *q = s->ca.p, *c = s->crl.p;
    X509 *leaf = d2i_X509(NULL, &p, (long)der.n), *ca = d2i_X509(NULL, &q, (long)s->ca.n);
    X509_CRL *crl = d2i_X509_CRL(NULL, &c, (long)s->crl.n);
    bool ok = leaf && ca && crl && c == s->crl.p + s->crl.n;
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (ok) {
        X509_STORE_add_cert(store, ca);
        X509_STORE_add_crl(store, crl);
        X509_STORE_CTX_init(context, store, leaf, NULL);
        X509_STORE_CTX_set_flags(context, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CRL_CHECK);
        X509_STORE_CTX_set_time(context, 0, at);
        ok = X509_verify_cert(context) == 1;
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    X509_free(leaf);
    X509_free(ca);
    X509_CRL_free(crl);
    return ok;
}

static void a_made_crl_revokes_its_serials(void **state)
{
    (void)state;
    struct scene s = make_scene(0, NULL);
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct intel_crl crl;
    assert_true(intel_crl_read(&crl, s.crl, "crl", &a, &err));
    assert_true(situs_accepts(&s));
    assert_true(openssl_accepts(&s));
    assert_int_equal(crl.n_revoked, 2);
    assert_true(intel_crl_revokes(&crl, make_hex("01")));
    assert_true(intel_crl_revokes(&crl, make_hex("7fff")));
    assert_false(intel_crl_revokes(&crl, make_hex("7f")));
    assert_false(intel_crl_revokes(&crl, make_hex("0001")));
    assert_false(intel_crl_revokes(&crl, span_of(NULL, 0)));
    make_reset();
}

static void a_crl_may_revoke_nothing_and_name_no_key(void **state)
{
    (void)state;
    static const enum make_part parts[] = {CRL_REVOKED, CRL_NUMBER, CRL_AUTHORITY_KEY_ID};
    for (size_t i = 0; i < 3; i++) {
        struct scene s = make_scene(parts[i], "");
        assert_true(situs_accepts(&s));
        assert_true(openssl_accepts(&s));
        make_reset();
    }
}

/* One fault a row. What OpenSSL says of it is another matter, and changes with its patches. */
static const struct {
    const char *name;
    enum make_part part;
    const char *hex;
    enum situs_code code;
    const char *field;
    size_t more; /* offset in the part */
} faults[] = {
#include "crypto/intel_crl_faults.def"
};

static void each_fault_is_refused_where_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct scene s = make_scene(faults[i].part, faults[i].hex);
        struct arena a = arena_new(memory, sizeof memory);
        struct intel_crl crl;
        struct situs_err err = {0};
        if (intel_crl_read(&crl, s.crl, "crl", &a, &err))
            fail_msg("accepted: %s", faults[i].name);
        size_t where = s.doc.at[faults[i].part] + faults[i].more;
        if (err.code != faults[i].code || strcmp(err.field, faults[i].field) || err.at != where)
            fail_msg("%s: %s %s at %zu, not at %zu: expected %s, got %s", faults[i].name,
                     err_code_name(err.code), err.field, err.at, where, err.expected, err.got);
        assert_null(crl.der.p);
        make_reset();
    }
}

/* Every bit of what is signed flipped, then signed: OpenSSL takes what situs takes. The other way
 * round is no fault: what OpenSSL takes besides differs from patch to patch. */
static void situs_is_nowhere_laxer_than_openssl(void **state)
{
    (void)state;
    int taken = 0;
    struct scene good = make_scene(0, NULL);
    struct make_mark mark = make_mark();
    for (enum make_part part = 0; part <= CRL_OUTER_SIGNATURE; part++)
        for (size_t bit = 0; bit < good.doc.part[part].n * 8; bit++) {
            struct scene s = good;
            uint8_t flipped[256];
            memcpy(flipped, good.doc.part[part].p, good.doc.part[part].n);
            flipped[bit / 8] ^= (uint8_t)(1 << bit % 8);
            s.doc.part[part].p = flipped;
            s.crl = make_signed(&s.doc, s.ca_key);
            bool take = situs_accepts(&s);
            taken += take;
            if (take && !openssl_accepts(&s))
                fail_msg("OpenSSL refuses what situs takes: part %d, bit %zu", part, bit);
            make_back(mark);
        }
    make_reset();
    assert_true(taken > 0);
}

/* Faults that only the issuer, or the time, shows. */
static void wrong_issuers_and_times_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum make_part part;
        const char *hex;
    } rows[] = {
        {"issuer of another name", CRL_ISSUER,
         "301331113"
         "00f06035504030c08536f6d65626f6479"},
        {"key identifier of another", CRL_AUTHORITY_KEY_ID, "300f0603551d2304083006800401020304"},
        {"signature of another", CRL_SIGNATURE_VALUE, "0309003006020101020101"},
        {"expired", CRL_NEXT_UPDATE, "170d3236303230313030303030305a"},
        {"not yet valid", CRL_THIS_UPDATE, "170d3236303430313030303030305a"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene s = make_scene(rows[i].part, rows[i].hex);
        struct arena a = arena_new(memory, sizeof memory);
        struct intel_crl crl;
        struct situs_err err = {0};
        assert_true(intel_crl_read(&crl, s.crl, "crl", &a, &err));
        if (situs_accepts(&s))
            fail_msg("accepted: %s", rows[i].name);
        make_reset();
    }
}

static void only_a_ca_signs_crls(void **state)
{
    (void)state;
    for (enum intel_role role = INTEL_ROOT; role <= INTEL_TCB_SIGNING; role++) {
        struct make_key *key = make_key(), *other = make_key();
        struct make_doc cert_doc = make_cert(role, key, role, key), doc = make_crl(role, key);
        struct arena a = arena_new(memory, sizeof memory);
        struct situs_err err = {0};
        struct intel_cert cert;
        struct intel_crl crl;
        assert_true(intel_cert_read(&cert, make_signed(&cert_doc, key), 0, "cert", &err));
        assert_true(intel_crl_read(&crl, make_signed(&doc, key), "crl", &a, &err));
        assert_int_equal(holds(&crl, &cert), role != INTEL_PCK && role != INTEL_TCB_SIGNING);
        assert_true(intel_crl_read(&crl, make_signed(&doc, other), "crl", &a, &err));
        struct p256_key *wrong = p256_key_new(other->xy);
        assert_false(intel_crl_signed_by(&crl, &cert, wrong)); /* not the key of the issuer */
        p256_key_free(wrong);
        make_reset();
    }
}

static void a_crl_that_is_cut_is_refused(void **state)
{
    (void)state;
    struct scene s = make_scene(0, NULL);
    for (size_t n = 0; n < s.crl.n; n++) {
        struct arena a = arena_new(memory, sizeof memory);
        struct situs_err err = {0};
        struct intel_crl crl;
        uint8_t *exact = malloc(n ? n : 1);
        memcpy(exact, s.crl.p, n);
        assert_false(intel_crl_read(&crl, span_of(exact, n), "crl", &a, &err));
        assert_int_equal(err.code, SITUS_TOO_SHORT);
        free(exact);
    }
    make_reset();
}

static void a_crl_without_extensions_is_refused(void **state)
{
    (void)state;
    struct make_key *key = make_key();
    struct make_doc doc = make_crl(INTEL_ROOT, key);
    doc.part[CRL_NUMBER] = doc.part[CRL_AUTHORITY_KEY_ID] = span_of(NULL, 0);
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct intel_crl crl;
    assert_false(intel_crl_read(&crl, make_signed(&doc, key), "crl", &a, &err));
    expect_err(err, SITUS_TOO_SHORT, "tbs.crl_extensions", doc.at[CRL_AFTER_EXTENSIONS]);
    make_reset();
}

static void nothing_follows_the_list_of_extensions(void **state)
{
    (void)state;
    struct make_key *key = make_key();
    struct make_doc doc = make_crl(INTEL_ROOT, key);
    struct span list = MAKE_DER(0x30, doc.part[CRL_NUMBER]);
    doc.part[CRL_NUMBER] = doc.part[CRL_AUTHORITY_KEY_ID] = span_of(NULL, 0);
    doc.part[CRL_AFTER_EXTENSIONS] = MAKE_DER(0xa0, list, make_hex("0500"));
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct intel_crl crl;
    assert_false(intel_crl_read(&crl, make_signed(&doc, key), "crl", &a, &err));
    expect_err(err, SITUS_TRAILING, "tbs.crl_extensions",
               doc.at[CRL_AFTER_EXTENSIONS] + doc.part[CRL_AFTER_EXTENSIONS].n - 2);
    make_reset();
}

static void sizes_and_memory_are_bounded(void **state)
{
    (void)state;
    struct scene s = make_scene(0, NULL);
    struct arena a = arena_new(memory, 16);
    struct situs_err err = {0};
    struct intel_crl crl;
    assert_false(intel_crl_read(&crl, s.crl, "crl", &a, &err));
    expect_err(err, SITUS_NO_MEMORY, "tbs.revoked_certificates", s.doc.at[CRL_REVOKED] + 2);
    uint8_t *big = calloc(1, LIMIT_CRL + 1);
    err = (struct situs_err){0};
    assert_false(intel_crl_read(&crl, span_of(big, LIMIT_CRL + 1), "crl", &a, &err));
    expect_err(err, SITUS_TOO_LONG, "crl", 0);
    free(big);
    make_reset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_crls_hold_under_their_issuers),
        cmocka_unit_test(one_real_serial_is_revoked),
        cmocka_unit_test(one_flipped_bit_is_refused),
        cmocka_unit_test(a_made_crl_revokes_its_serials),
        cmocka_unit_test(a_crl_may_revoke_nothing_and_name_no_key),
        cmocka_unit_test(each_fault_is_refused_where_it_is),
        cmocka_unit_test(situs_is_nowhere_laxer_than_openssl),
        cmocka_unit_test(wrong_issuers_and_times_are_refused),
        cmocka_unit_test(only_a_ca_signs_crls),
        cmocka_unit_test(a_crl_that_is_cut_is_refused),
        cmocka_unit_test(a_crl_without_extensions_is_refused),
        cmocka_unit_test(nothing_follows_the_list_of_extensions),
        cmocka_unit_test(sizes_and_memory_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
