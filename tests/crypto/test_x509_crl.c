/* crypto/x509: which CRLs count. Our own reading decides, so each row is refused with every version
 * of OpenSSL. */
#include "support/make_cert.h"
#include "support/test.h"

#include "crypto/digest.h"
#include "crypto/x509.h"

static const int64_t at = 1772323200; /* 2026-03-01T00:00:00Z */

/* A CA, a certificate under it, and the CA's CRL with one part replaced. */
struct scene {
    struct make_key *key;
    struct span ca, leaf, crl[2];
    size_t n_crls;
    struct make_doc doc;
};

static struct scene make_scene(enum make_part part, const char *hex)
{
    struct scene s = {.key = make_key(), .n_crls = 1};
    struct make_doc ca = make_cert(INTEL_PLATFORM_CA, s.key, INTEL_ROOT, make_key());
    struct make_doc leaf = make_cert(INTEL_PCK, make_key(), INTEL_PLATFORM_CA, s.key);
    s.ca = make_signed(&ca, s.key);
    s.leaf = make_signed(&leaf, s.key);
    s.doc = make_crl(INTEL_PLATFORM_CA, s.key);
    if (hex)
        s.doc.part[part] = make_hex(hex);
    s.crl[0] = make_signed(&s.doc, s.key);
    return s;
}

static bool holds(const struct scene *s, struct situs_err *err)
{
    *err = (struct situs_err){0};
    struct x509_anchor anchor = {.der = s->ca};
    assert_true(digest(HASH_SHA256, s->ca, anchor.sha256));
    struct x509 *leaf = x509_read(s->leaf, NULL, "test", err);
    assert_non_null(leaf);
    const struct x509_question q = {.leaf = leaf,
                                    .anchors = &anchor,
                                    .n_anchors = 1,
                                    .crls = s->crl,
                                    .n_crls = s->n_crls,
                                    .require_crls = true,
                                    .at = at,
                                    .part = "test"};
    struct x509_answer answer;
    bool ok = x509_verify(&q, &answer, err);
    x509_free(leaf);
    return ok;
}

/* The serial of the PCK certificate that make_cert makes: 0x1004. */
#define ENTRY(extensions, size, list) \
    "30" list "30" size "02021004170d3236303130313030303030305a" extensions
#define REVOKED ENTRY("", "13", "15")

static void a_complete_crl_of_the_issuer_counts(void **state)
{
    (void)state;
    static const struct {
        enum make_part part;
        const char *hex;
    } rows[] = {
        {0, NULL},
        {CRL_REVOKED, ""},
        {CRL_AUTHORITY_KEY_ID, ""},
        {CRL_NUMBER, ""},
        {CRL_EXTRA,
         "300a0603551d2e0403040100"}, /* freshestCRL, not critical: a word about others */
    };
    struct situs_err err;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene s = make_scene(rows[i].part, rows[i].hex);
        if (!holds(&s, &err))
            fail_msg("row %zu: %s %s", i, err.field, err.got);
        make_reset();
    }
    struct scene s = make_scene(CRL_REVOKED, REVOKED);
    assert_false(holds(&s, &err));
    expect_err(err, SITUS_REVOKED, "chain[0].serial_number", SITUS_NO_OFFSET);
    make_reset();
}

/* One fault a row: what a CRL that is not complete says of itself. */
static const struct {
    const char *name;
    enum make_part part;
    const char *hex;
    enum situs_code code;
    const char *field;
    size_t more; /* offset in the part */
} faults[] = {
    /* clang-format off */
    {"delta CRL", CRL_EXTRA, "300d0603551d1b0101ff0403020101", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"delta CRL, not critical", CRL_EXTRA, "300a0603551d1b0403020101", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"indirect CRL", CRL_EXTRA, "300f0603551d1c0101ff040530038401ff", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"user certificates alone", CRL_EXTRA, "300f0603551d1c0101ff040530038101ff", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"CA certificates alone", CRL_EXTRA, "300f0603551d1c0101ff040530038201ff", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"some reasons alone", CRL_EXTRA, "30100603551d1c0101ff0406300483020640", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"attribute certificates alone", CRL_EXTRA, "300f0603551d1c0101ff040530038501ff", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"empty issuing distribution point", CRL_EXTRA, "300c0603551d1c0101ff04023000", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"a point and user certificates alone", CRL_EXTRA, "30170603551d1c0101ff040d300ba006a0048602682f8101ff", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"a point that is a directory's name", CRL_EXTRA, "30140603551d1c0101ff040a3008a006a004a4023000", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"a point relative to the issuer", CRL_EXTRA, "30120603551d1c0101ff04083006a004a1023100", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"a point, not critical", CRL_EXTRA, "30110603551d1c040a3008a006a0048602682f", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"unknown critical extension", CRL_EXTRA, "300c06032a03040101ff04020500", SITUS_UNSUPPORTED, "crl.crl_extensions", 0},
    {"CRL number twice", CRL_EXTRA, "300a0603551d140403020101", SITUS_DUPLICATE, "crl.crl_extensions", 0},
    {"version 1", CRL_VERSION, "", SITUS_UNSUPPORTED, "crl.version", 0},
    {"version 1, said", CRL_VERSION, "020100", SITUS_UNSUPPORTED, "crl.version", 0},
    {"another algorithm inside", CRL_SIGNATURE, "300a06082a8648ce3d040303", SITUS_UNSUPPORTED, "crl.signature_algorithm", (size_t)-1},
    {"another algorithm outside", CRL_OUTER_SIGNATURE, "300a06082a8648ce3d040303", SITUS_UNSUPPORTED, "crl.signature_algorithm", 0},
    {"no nextUpdate", CRL_NEXT_UPDATE, "", SITUS_MALFORMED, "crl.next_update", 0},
    {"nextUpdate as GeneralizedTime before 2050", CRL_NEXT_UPDATE, "180f32303237303130313030303030305a", SITUS_MALFORMED, "crl.next_update", 0},
    {"empty list of revoked certificates", CRL_REVOKED, "3000", SITUS_MALFORMED, "crl.revoked_certificates", 0},
    {"certificate issuer in an entry", CRL_REVOKED, "3021301f020103170d3236303130313030303030305a300b30090603551d1d04023000", SITUS_UNSUPPORTED, "crl.revoked_certificates.extensions", 24},
    {"critical unknown entry extension", CRL_REVOKED, "30243022020103170d3236303130313030303030305a300e300c06032a03040101ff04020500", SITUS_UNSUPPORTED, "crl.revoked_certificates.extensions", 24},
    {"removeFromCRL", CRL_REVOKED, "30223020020103170d3236303130313030303030305a300c300a0603551d1504030a0108", SITUS_UNSUPPORTED, "crl.revoked_certificates.reason_code", 33},
    {"bytes after the CRL", CRL_TRAILING, "00", SITUS_TRAILING, "crl", 0},
    /* clang-format on */
};

static void an_incomplete_crl_is_refused_where_it_says_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct scene s = make_scene(faults[i].part, faults[i].hex);
        struct situs_err err;
        if (holds(&s, &err))
            fail_msg("accepted: %s", faults[i].name);
        size_t where = faults[i].more == (size_t)-1 ? s.doc.at[CRL_OUTER_SIGNATURE]
                                                    : s.doc.at[faults[i].part] + faults[i].more;
        if (err.code != faults[i].code || strcmp(err.field, faults[i].field) || err.at != where)
            fail_msg("%s: %s %s at %zu, not at %zu: expected %s, got %s", faults[i].name,
                     err_code_name(err.code), err.field, err.at, where, err.expected, err.got);
        make_reset();
    }
}

/* The attack: the CA's own delta CRL, public and empty, beside or in place of the CRL that revokes.
 */
static void a_delta_crl_takes_no_revocation_away(void **state)
{
    (void)state;
    struct situs_err err;
    for (int order = 0; order < 2; order++) {
        struct scene s = make_scene(CRL_REVOKED, REVOKED);
        struct make_doc delta = make_crl(INTEL_PLATFORM_CA, s.key);
        delta.part[CRL_REVOKED] = make_hex("");
        delta.part[CRL_NUMBER] = make_hex("300a0603551d140403020109");
        delta.part[CRL_EXTRA] = make_hex("300d0603551d1b0101ff0403020107");
        assert_false(holds(&s, &err));
        expect_err(err, SITUS_REVOKED, "chain[0].serial_number", SITUS_NO_OFFSET);
        s.crl[1] = s.crl[0];
        s.crl[order] = make_signed(&delta, s.key);
        s.n_crls = 2;
        assert_false(holds(&s, &err));
        s.crl[0] = s.crl[order];
        s.n_crls = 1;
        assert_false(holds(&s, &err));
        expect_err(err, SITUS_UNSUPPORTED, "crl.crl_extensions", delta.at[CRL_EXTRA]);
        make_reset();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_complete_crl_of_the_issuer_counts),
        cmocka_unit_test(an_incomplete_crl_is_refused_where_it_says_so),
        cmocka_unit_test(a_delta_crl_takes_no_revocation_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
