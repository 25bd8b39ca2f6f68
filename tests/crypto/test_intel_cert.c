/* tee/intel/cert, pem: real chains hold; everything outside the profile is refused. */
#include "support/intel_vectors.h"
#include "support/make_cert.h"
#include "support/test.h"
#include "support/vectors.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "tee/intel/chain.h"

#include <openssl/x509_vfy.h>

#include <stdlib.h>

static _Alignas(16) uint8_t memory[1 << 20];

static bool holds(const struct intel_cert *cert, const struct intel_cert *issuer)
{
    struct p256_key *key = p256_key_new(issuer->point);
    assert_non_null(key);
    bool ok = intel_cert_signed_by(cert, issuer, key);
    p256_key_free(key);
    return ok;
}

/* Reads a chain that must hold, leaf first, up to Intel's own root. */
static size_t read_real(struct intel_cert certs[6], struct span pem)
{
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    size_t n;
    if (!intel_pem_chain(certs, 6, &n, (struct intel_pem){pem, 0, "chain"}, &a, &err))
        fail_msg("%s %s at %zu: expected %s, got %s", err_code_name(err.code), err.field, err.at,
                 err.expected, err.got);
    for (size_t i = 0; i + 1 < n; i++)
        assert_true(holds(&certs[i], &certs[i + 1]));
    assert_true(holds(&certs[n - 1], &certs[n - 1]));
    uint8_t hash[32];
    assert_true(digest(HASH_SHA256, certs[n - 1].der, hash));
    expect_hex(SPAN_ARR(hash), "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");
    return n;
}

static void real_chains_hold_up_to_intels_root(void **state)
{
    (void)state;
    vectors_need();
    for (const char *const *f = intel_vectors_folders; *f; f++) {
        struct intel_cert certs[6];
        assert_int_equal(read_real(certs, intel_vectors_pck_chain(*f)), 3);
        assert_int_equal(certs[0].role, INTEL_PCK);
        assert_int_equal(certs[1].role, INTEL_PLATFORM_CA);
        assert_int_equal(certs[2].role, INTEL_ROOT);
        assert_true(certs[0].sgx.n > 500);
        assert_ptr_equal(certs[0].der.p + certs[0].sgx_at, certs[0].sgx.p);
        static const struct {
            const char *file;
            enum intel_role role;
        } rows[] = {{"pck_crl_issuer_chain.pem", INTEL_PLATFORM_CA},
                    {"tcb_info_issuer_chain.pem", INTEL_TCB_SIGNING},
                    {"qe_identity_issuer_chain.pem", INTEL_TCB_SIGNING}};
        for (size_t i = 0; i < 3; i++) {
            struct span pem = intel_vectors_read(*f, rows[i].file);
            if (pem.n == 0)
                continue;
            assert_int_equal(read_real(certs, pem), 2);
            assert_int_equal(certs[0].role, rows[i].role);
            assert_int_equal(certs[1].role, INTEL_ROOT);
        }
    }
}

/* One flipped bit is refused by the reader, or by the signature. */
static void one_flipped_bit_is_refused(void **state)
{
    (void)state;
    vectors_need();
    struct intel_cert certs[6], cert;
    read_real(certs, intel_vectors_pck_chain("azure-v5"));
    for (size_t i = 0; i < 3; i++) {
        struct intel_cert *issuer = &certs[i < 2 ? i + 1 : 2];
        struct p256_key *key = p256_key_new(issuer->point);
        uint8_t der[2048];
        memcpy(der, certs[i].der.p, certs[i].der.n);
        for (size_t bit = 0; bit < certs[i].der.n * 8; bit++) {
            struct situs_err err = {0};
            der[bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (intel_cert_read(&cert, span_of(der, certs[i].der.n), 0, "c", &err) &&
                intel_cert_signed_by(&cert, issuer, key))
                fail_msg("certificate %zu holds with bit %zu flipped", i, bit);
            der[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        p256_key_free(key);
    }
}

static void every_cut_certificate_is_refused(void **state)
{
    (void)state;
    struct make_key *key = make_key();
    struct make_doc doc = make_cert(INTEL_ROOT, key, INTEL_ROOT, key);
    struct span der = make_signed(&doc, key);
    struct intel_cert cert;
    for (size_t n = 0; n < der.n; n++) {
        struct situs_err err = {0};
        uint8_t *exact = malloc(n ? n : 1);
        memcpy(exact, der.p, n);
        assert_false(intel_cert_read(&cert, span_of(exact, n), 0, "c", &err));
        assert_int_equal(err.code, SITUS_TOO_SHORT);
        free(exact);
    }
    make_reset();
}

enum { ROOT, CA, LEAF };

/* One fault a row, in one certificate of a root, Platform CA, PCK chain, which is then signed by
 * its right issuer. What OpenSSL says of it is another matter, and changes with its patches. */
static const struct fault {
    const char *name;
    int which;
    enum make_part part;
    const char *hex;
    enum situs_code code;
    const char *field;
    enum make_part at;
    size_t more;
} faults[] = {
#include "crypto/intel_cert_faults.def"
};

struct chain {
    struct span der[3];
    struct make_doc doc[3];
    struct make_key *key[3];
};

static void make_chain(struct chain *c, int which, enum make_part part, const char *hex)
{
    struct make_key *root = make_key(), *ca = make_key(), *leaf = make_key();
    *c = (struct chain){.key = {root, ca, leaf}};
    c->doc[ROOT] = make_cert(INTEL_ROOT, root, INTEL_ROOT, root);
    c->doc[CA] = make_cert(INTEL_PLATFORM_CA, ca, INTEL_ROOT, root);
    c->doc[LEAF] = make_cert(INTEL_PCK, leaf, INTEL_PLATFORM_CA, ca);
    if (hex)
        c->doc[which].part[part] = make_hex(hex);
    c->der[ROOT] = make_signed(&c->doc[ROOT], root);
    c->der[CA] = make_signed(&c->doc[CA], root);
    c->der[LEAF] = make_signed(&c->doc[LEAF], ca);
}

static const int64_t at = 1767225600; /* 2026-01-01T00:00:00Z */

/* The whole decision of situs on a chain whose root is the anchor. */
static bool situs_accepts(const struct span der[3])
{
    struct intel_cert certs[3];
    struct situs_err err = {0};
    for (size_t i = 0; i < 3; i++)
        if (!intel_cert_read(&certs[i], der[i], 0, "c", &err) || at < certs[i].valid.from ||
            at > certs[i].valid.to)
            return false;
    struct p256_key *root = p256_key_new(certs[ROOT].point), *ca = p256_key_new(certs[CA].point),
                    *leaf = p256_key_new(certs[LEAF].point);
    bool ok = root && ca && leaf && intel_cert_signed_by(&certs[ROOT], &certs[ROOT], root) &&
              intel_cert_signed_by(&certs[CA], &certs[ROOT], root) &&
              intel_cert_signed_by(&certs[LEAF], &certs[CA], ca);
    p256_key_free(root);
    p256_key_free(ca);
    p256_key_free(leaf);
    return ok;
}

static bool openssl_accepts(const struct span der[3])
{
    X509 *x[3] = {0};
    bool ok = true;
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *p = der[i].p;
        x[i] = d2i_X509(NULL, &p, (long)der[i].n);
        ok = ok && x[i] && p == der[i].p + der[i].n;
    }
    if (ok) {
        X509_STORE *store = X509_STORE_new();
        X509_STORE_CTX *context = X509_STORE_CTX_new();
        STACK_OF(X509) *others = sk_X509_new_null();
        X509_STORE_add_cert(store, x[ROOT]);
        sk_X509_push(others, x[CA]);
        X509_STORE_CTX_init(context, store, x[LEAF], others);
        X509_STORE_CTX_set_flags(context, X509_V_FLAG_CHECK_SS_SIGNATURE);
        X509_STORE_CTX_set_time(context, 0, at);
        ok = X509_verify_cert(context) == 1;
        X509_STORE_CTX_free(context);
        X509_STORE_free(store);
        sk_X509_free(others);
    }
    for (size_t i = 0; i < 3; i++)
        X509_free(x[i]);
    return ok;
}

static void each_fault_is_refused_where_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const struct fault *f = &faults[i];
        struct chain c;
        make_chain(&c, f->which, f->part, f->hex);
        struct intel_cert cert;
        struct situs_err err = {0};
        if (intel_cert_read(&cert, c.der[f->which], 100, "c", &err))
            fail_msg("accepted: %s", f->name);
        size_t where = 100 + c.doc[f->which].at[f->at] + f->more;
        if (err.code != f->code || strcmp(err.field, f->field) || err.at != where)
            fail_msg("%s: %s %s at %zu, not at %zu: expected %s, got %s", f->name,
                     err_code_name(err.code), err.field, err.at, where, err.expected, err.got);
        assert_int_equal(cert.role, INTEL_ROLE_NONE);
        make_reset();
    }
}

/* Serial numbers have up to 20 bytes, and one more for the sign (RFC 5280 4.1.2.2). */
/* Longer than the role needs, or without limit (RFC 5280 4.2.1.9): read, and told from Intel's. */
static void a_path_length_may_be_longer_than_the_role_needs(void **state)
{
    (void)state;
    static const struct {
        int which;
        const char *hex; /* NULL: as Intel makes them */
    } rows[] = {{CA, "300f0603551d130101ff040530030101ff"},
                {CA, "30120603551d130101ff040830060101ff020101"},
                {CA, "30120603551d130101ff040830060101ff02017f"},
                {ROOT, "300f0603551d130101ff040530030101ff"},
                {ROOT, "30120603551d130101ff040830060101ff020102"},
                {ROOT, NULL},
                {CA, NULL},
                {LEAF, NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct chain c;
        struct situs_err err = {0};
        struct intel_cert cert;
        make_chain(&c, rows[i].which, CERT_BASIC_CONSTRAINTS, rows[i].hex);
        assert_true(intel_cert_read(&cert, c.der[rows[i].which], 0, "cert", &err));
        assert_int_equal(cert.path_of_intel, rows[i].hex == NULL);
        assert_true(situs_accepts(c.der));
        make_reset();
    }
}

static void serial_numbers_of_every_right_size_are_read(void **state)
{
    (void)state;
    static const char *const good[] = {"020101", "02017f", "02020080",
                                       "02147f00000000000000000000000000000000000000",
                                       "021500ff00000000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct chain c;
        make_chain(&c, LEAF, CERT_SERIAL, good[i]);
        struct intel_cert cert;
        struct situs_err err = {0};
        if (!intel_cert_read(&cert, c.der[LEAF], 0, "c", &err))
            fail_msg("refused %s", good[i]);
        assert_true(
            span_equal(cert.serial, span_cut(make_hex(good[i]), 2, strlen(good[i]) / 2 - 2)));
        make_reset();
    }
}

/* Every bit of what is signed flipped, then signed: OpenSSL takes what situs takes. The other way
 * round is no fault: what OpenSSL takes besides differs from patch to patch. */
static void situs_is_nowhere_laxer_than_openssl(void **state)
{
    (void)state;
    struct chain good;
    make_chain(&good, 0, 0, NULL);
    assert_true(situs_accepts(good.der));
    assert_true(openssl_accepts(good.der));
    int taken = 0;
    struct make_mark mark = make_mark();
    for (int which = ROOT; which <= LEAF; which++)
        for (enum make_part part = 0; part <= CERT_OUTER_SIGNATURE; part++)
            for (size_t bit = 0; bit < good.doc[which].part[part].n * 8; bit++) {
                struct chain c = good;
                uint8_t flipped[256];
                memcpy(flipped, good.doc[which].part[part].p, good.doc[which].part[part].n);
                flipped[bit / 8] ^= (uint8_t)(1 << bit % 8);
                c.doc[which].part[part].p = flipped;
                c.der[which] = make_signed(&c.doc[which], c.key[which == LEAF ? CA : ROOT]);
                bool take = situs_accepts(c.der);
                taken += take;
                if (take && !openssl_accepts(c.der))
                    fail_msg("OpenSSL refuses what situs takes: certificate %d, part %d, bit %zu",
                             which, part, bit);
                make_back(mark);
            }
    make_reset();
    assert_true(taken > 0);
}

/* Faults that lie between certificates, or in time. */
static void wrong_issuers_and_times_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int which;
        enum make_part part;
        const char *hex;
    } rows[] = {
        {"issuer name of another", LEAF, CERT_ISSUER,
         "3013311130"
         "0f06035504030c08536f6d65626f6479"},
        {"no issuer name", CA, CERT_ISSUER, "3000"},
        {"key identifier of another", LEAF, CERT_AUTHORITY_KEY_ID,
         "300f0603551d230408"
         "30068004"
         "01020304"},
        {"signature of another", LEAF, CERT_SIGNATURE_VALUE, "0309003006020101020101"},
        {"signature with r = 0 is not a signature", CA, CERT_SIGNATURE_VALUE,
         "0309003006020101020102"},
        {"expired", CA, CERT_VALIDITY,
         "301e170d3230303130313030303030305a170d3235303130313030303030305a"},
        {"not yet valid", LEAF, CERT_VALIDITY,
         "301e170d3237303130313030303030305a170d3330303130313030303030305a"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct chain c;
        make_chain(&c, rows[i].which, rows[i].part, rows[i].hex);
        if (situs_accepts(c.der))
            fail_msg("accepted: %s", rows[i].name);
        struct intel_cert cert;
        struct situs_err err = {0}; /* the readers of single certificates find nothing wrong */
        assert_true(intel_cert_read(&cert, c.der[rows[i].which], 0, "c", &err));
        make_reset();
    }
}

/* Each role signs only what it may, whatever the names say. */
static void roles_sign_only_what_they_may(void **state)
{
    (void)state;
    for (enum intel_role by = INTEL_ROOT; by <= INTEL_TCB_SIGNING; by++)
        for (enum intel_role role = INTEL_ROOT; role <= INTEL_TCB_SIGNING; role++) {
            struct make_key *issuer_key = make_key(), *key = make_key();
            struct make_doc a = make_cert(by, issuer_key, by, issuer_key),
                            b = make_cert(role, key, by, issuer_key);
            struct intel_cert issuer, cert;
            struct situs_err err = {0};
            assert_true(intel_cert_read(&issuer, make_signed(&a, issuer_key), 0, "a", &err));
            assert_true(intel_cert_read(&cert, make_signed(&b, issuer_key), 0, "b", &err));
            bool ca = by == INTEL_PLATFORM_CA || by == INTEL_PROCESSOR_CA;
            bool may = by == INTEL_ROOT ? role != INTEL_ROOT && role != INTEL_PCK
                                        : ca && role == INTEL_PCK;
            assert_int_equal(holds(&cert, &issuer), may);
            assert_int_equal(holds(&issuer, &issuer), by == INTEL_ROOT);
            make_reset();
        }
}

static void nothing_follows_the_list_of_extensions(void **state)
{
    (void)state;
    struct make_key *key = make_key();
    struct make_doc doc = make_cert(INTEL_ROOT, key, INTEL_ROOT, key);
    struct span list = make_der(0x30, &doc.part[CERT_AUTHORITY_KEY_ID],
                                CERT_AFTER_EXTENSIONS - CERT_AUTHORITY_KEY_ID);
    for (size_t i = CERT_AUTHORITY_KEY_ID; i < CERT_AFTER_EXTENSIONS; i++)
        doc.part[i] = span_of(NULL, 0);
    for (int more = 0; more < 2; more++) {
        doc.part[CERT_AFTER_EXTENSIONS] = MAKE_DER(0xa3, list, make_hex(more ? "0500" : ""));
        struct intel_cert cert;
        struct situs_err err = {0};
        assert_int_equal(intel_cert_read(&cert, make_signed(&doc, key), 0, "c", &err), !more);
        if (more)
            expect_err(err, SITUS_TRAILING, "tbs.extensions",
                       doc.at[CERT_AFTER_EXTENSIONS] + doc.part[CERT_AFTER_EXTENSIONS].n - 2);
    }
    make_reset();
}

/* Key identifiers bind where both certificates state them; either may be absent. */
static void key_identifiers_may_be_absent(void **state)
{
    (void)state;
    static const struct {
        int which;
        enum make_part part;
    } rows[] = {{LEAF, CERT_AUTHORITY_KEY_ID}, {CA, CERT_SUBJECT_KEY_ID}};
    for (size_t i = 0; i < 2; i++) {
        struct chain c;
        make_chain(&c, rows[i].which, rows[i].part, "");
        assert_true(situs_accepts(c.der));
        assert_true(openssl_accepts(c.der));
        make_reset();
    }
}

static void signed_by_wants_the_key_of_the_issuer(void **state)
{
    (void)state;
    struct make_key *right = make_key(), *other = make_key();
    struct make_doc doc = make_cert(INTEL_ROOT, right, INTEL_ROOT, right);
    struct intel_cert root;
    struct situs_err err = {0};
    assert_true(intel_cert_read(&root, make_signed(&doc, other), 0, "root", &err));
    struct p256_key *key = p256_key_new(other->xy);
    assert_true(p256_verify_message(key, root.tbs, root.rs));
    assert_false(intel_cert_signed_by(&root, &root, key));
    p256_key_free(key);
    make_reset();
}

static void a_certificate_larger_than_the_limit_is_refused(void **state)
{
    (void)state;
    static uint8_t big[8 * 1024 + 1];
    struct intel_cert cert;
    struct situs_err err = {0};
    assert_false(intel_cert_read(&cert, SPAN_ARR(big), 0, "c", &err));
    expect_err(err, SITUS_TOO_LONG, "certificate", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_chains_hold_up_to_intels_root),
        cmocka_unit_test(one_flipped_bit_is_refused),
        cmocka_unit_test(every_cut_certificate_is_refused),
        cmocka_unit_test(each_fault_is_refused_where_it_is),
        cmocka_unit_test(a_path_length_may_be_longer_than_the_role_needs),
        cmocka_unit_test(serial_numbers_of_every_right_size_are_read),
        cmocka_unit_test(situs_is_nowhere_laxer_than_openssl),
        cmocka_unit_test(wrong_issuers_and_times_are_refused),
        cmocka_unit_test(roles_sign_only_what_they_may),
        cmocka_unit_test(nothing_follows_the_list_of_extensions),
        cmocka_unit_test(key_identifiers_may_be_absent),
        cmocka_unit_test(signed_by_wants_the_key_of_the_issuer),
        cmocka_unit_test(a_certificate_larger_than_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
