/* crypto/x509: which CRLs count. Our own reading decides, so each row is refused with every version
 * of OpenSSL. */
#include "support/known_chain.h"
#include "support/make_cert.h"
#include "support/soft_ca.h"
#include "support/test.h"

#include "crypto/digest.h"
#include "crypto/x509.h"

static const int64_t at = 1772323200; /* 2026-03-01T00:00:00Z */

#define DAY 86400

static size_t signatures, readings;

bool __real_crl_signed_by(const struct crl *crl, const struct public_key *key,
                          struct situs_err *err);
bool __wrap_crl_signed_by(const struct crl *crl, const struct public_key *key,
                          struct situs_err *err);
struct rd __real_crl_entries(const struct crl *crl, const char *part, struct situs_err *err);
struct rd __wrap_crl_entries(const struct crl *crl, const char *part, struct situs_err *err);

bool __wrap_crl_signed_by(const struct crl *crl, const struct public_key *key,
                          struct situs_err *err)
{
    signatures++;
    return __real_crl_signed_by(crl, key, err);
}

struct rd __wrap_crl_entries(const struct crl *crl, const char *part, struct situs_err *err)
{
    readings++;
    return __real_crl_entries(crl, part, err);
}

/* The same with a chain and CRLs that were verified before, which is not counted. */
static void once_known(const struct x509_question *q, bool ok, const struct x509_answer *answer,
                       const struct situs_err *err)
{
    size_t before[] = {signatures, readings};
    known_chain_same(q, at, ok, answer, err);
    signatures = before[0];
    readings = before[1];
}

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
    struct x509_crls crls;
    const struct x509_question q = {.leaf = leaf,
                                    .anchors = &anchor,
                                    .n_anchors = 1,
                                    .crls = soft_ca_crls(&crls, s->crl, s->n_crls),
                                    .require_crls = true,
                                    .at = at,
                                    .part = "test"};
    struct x509_answer answer;
    bool ok = x509_verify(&q, &answer, err);
    once_known(&q, ok, &answer, err);
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
    {"delta CRL", CRL_EXTRA, "300d0603551d1b0101ff0403020101", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"delta CRL, not critical", CRL_EXTRA, "300a0603551d1b0403020101", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"indirect CRL", CRL_EXTRA, "300f0603551d1c0101ff040530038401ff", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"user certificates alone", CRL_EXTRA, "300f0603551d1c0101ff040530038101ff", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"CA certificates alone", CRL_EXTRA, "300f0603551d1c0101ff040530038201ff", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"some reasons alone", CRL_EXTRA, "30100603551d1c0101ff0406300483020640", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"attribute certificates alone", CRL_EXTRA, "300f0603551d1c0101ff040530038501ff", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"empty issuing distribution point", CRL_EXTRA, "300c0603551d1c0101ff04023000", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"a point and user certificates alone", CRL_EXTRA, "30170603551d1c0101ff040d300ba006a0048602682f8101ff", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"a point that is a directory's name", CRL_EXTRA, "30140603551d1c0101ff040a3008a006a004a4023000", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"a point relative to the issuer", CRL_EXTRA, "30120603551d1c0101ff04083006a004a1023100", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"a point, not critical", CRL_EXTRA, "30110603551d1c040a3008a006a0048602682f", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"unknown critical extension", CRL_EXTRA, "300c06032a03040101ff04020500", SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", 0},
    {"CRL number twice", CRL_EXTRA, "300a0603551d140403020101", SITUS_DUPLICATE, "chain[0].crl.crl_extensions", 0},
    {"version 1", CRL_VERSION, "", SITUS_UNSUPPORTED, "chain[0].crl.version", 0},
    {"version 1, said", CRL_VERSION, "020100", SITUS_UNSUPPORTED, "chain[0].crl.version", 0},
    {"another algorithm inside", CRL_SIGNATURE, "300a06082a8648ce3d040303", SITUS_UNSUPPORTED, "chain[0].crl.signature_algorithm", (size_t)-1},
    {"another algorithm outside", CRL_OUTER_SIGNATURE, "300a06082a8648ce3d040303", SITUS_UNSUPPORTED, "chain[0].crl.signature_algorithm", 0},
    {"no nextUpdate", CRL_NEXT_UPDATE, "", SITUS_MALFORMED, "chain[0].crl.next_update", 0},
    {"nextUpdate as GeneralizedTime before 2050", CRL_NEXT_UPDATE, "180f32303237303130313030303030305a", SITUS_MALFORMED, "chain[0].crl.next_update", 0},
    {"empty list of revoked certificates", CRL_REVOKED, "3000", SITUS_MALFORMED, "chain[0].crl.revoked_certificates", 0},
    {"certificate issuer in an entry", CRL_REVOKED, "3021301f020103170d3236303130313030303030305a300b30090603551d1d04023000", SITUS_UNSUPPORTED, "chain[0].crl.revoked_certificates.extensions", 24},
    {"critical unknown entry extension", CRL_REVOKED, "30243022020103170d3236303130313030303030305a300e300c06032a03040101ff04020500", SITUS_UNSUPPORTED, "chain[0].crl.revoked_certificates.extensions", 24},
    {"removeFromCRL", CRL_REVOKED, "30223020020103170d3236303130313030303030305a300c300a0603551d1504030a0108", SITUS_UNSUPPORTED, "chain[0].crl.revoked_certificates.reason_code", 33},
    {"bytes after the CRL", CRL_TRAILING, "00", SITUS_TRAILING, "chain[0].crl", 0},
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

/* The attack: the CA's own delta CRL, public and empty, beside or in place of the CRL that
 * revokes. */
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
        expect_err(err, SITUS_UNSUPPORTED, "chain[0].crl.crl_extensions", delta.at[CRL_EXTRA]);
        make_reset();
    }
}

/* A chain of three under soft CAs, and CRLs of either issuer, of the caller and of the bundle. */
static struct soft_cert root, ca, leaf;
static struct x509_crls given;

static int make(void **state)
{
    (void)state;
    root = (struct soft_cert){
        .name = "root", .ca = true, .from = at - 900 * DAY, .to = at + 900 * DAY};
    soft_ca_issue(&root);
    ca = (struct soft_cert){
        .name = "ca", .issuer = &root, .ca = true, .from = root.from, .to = root.to, .serial = 77};
    soft_ca_issue(&ca);
    leaf = (struct soft_cert){
        .name = "leaf", .issuer = &ca, .from = root.from, .to = root.to, .serial = 78};
    soft_ca_issue(&leaf);
    return 0;
}

static int none_given(void **state)
{
    (void)state;
    given = (struct x509_crls){.n = 0};
    return 0;
}

/* days: of thisUpdate, before now; the CRL lives 30. */
static void give(const struct soft_cert *by, int days, long serial, bool from_bundle)
{
    int64_t from = at - (int64_t)days * DAY;
    assert_true(x509_crls_add(&given, soft_ca_crl(by, from, from + 30 * DAY, serial), from_bundle));
}

static bool ask(struct x509_question q, struct x509_answer *answer, struct situs_err *err)
{
    struct x509_anchor anchor = {.der = root.der};
    assert_true(digest(HASH_SHA256, root.der, anchor.sha256));
    *err = (struct situs_err){0};
    struct x509 *cert = x509_read(leaf.der, NULL, "test", err);
    assert_non_null(cert);
    q.leaf = cert;
    q.extra = &ca.der;
    q.n_extra = 1;
    q.anchors = &anchor;
    q.n_anchors = 1;
    q.crls = &given;
    q.at = at;
    q.part = "test";
    bool ok = x509_verify(&q, answer, err);
    once_known(&q, ok, answer, err);
    x509_free(cert);
    return ok;
}

static void good(struct x509_question q, bool checked)
{
    struct x509_answer answer;
    struct situs_err err;
    if (!ask(q, &answer, &err))
        fail_msg("%s: %s", err.field, err.got);
    assert_int_equal(answer.crls_checked, checked);
}

static void bad(struct x509_question q, enum situs_code code, const char *field)
{
    struct x509_answer answer;
    struct situs_err err;
    assert_false(ask(q, &answer, &err));
    expect_err(err, code, field, SITUS_NO_OFFSET);
    assert_true(answer.chained); /* whose it would be is told */
}

#define ANY ((struct x509_question){.bundle_crl_days = 7})
#define REQUIRED ((struct x509_question){.bundle_crl_days = 7, .require_crls = true})
#define OWN ((struct x509_question){.bundle_crl_days = 7, .own_crls_alone = true})

static void any_crl_that_lists_it_revokes(void **state)
{
    for (int bundle = 0; bundle < 2; bundle++)
        for (int order = 0; order < 2; order++) {
            none_given(state);
            give(&root, 1, 0, false);
            if (order)
                give(&ca, 1, 0, !bundle);
            give(&ca, 5, 78, bundle); /* older: what was taken back stays so */
            if (!order)
                give(&ca, 1, 0, !bundle);
            bad(REQUIRED, SITUS_REVOKED, "chain[0].serial_number");
            none_given(state);
            give(&root, 40, 77, bundle); /* so old that it ended */
            give(&root, 1, 0, !bundle);
            bad(ANY, SITUS_REVOKED, "chain[1].serial_number");
        }
}

static void the_newest_crl_decides_on_the_time(void **state)
{
    (void)state;
    give(&ca, 31, 0, false);
    bad(ANY, SITUS_EXPIRED, "chain[0].crl.next_update");
    give(&ca, 2, 0, false); /* an older one that ended does not matter */
    good(ANY, false);
    give(&ca, -1, 0, false);
    bad(ANY, SITUS_NOT_YET_VALID, "chain[0].crl.this_update");
    none_given(state);
    give(&ca, 31, 0, false);
    give(&ca, 35, 0, true); /* nothing older from the bundle makes the caller's good */
    bad(ANY, SITUS_EXPIRED, "chain[0].crl.next_update");
    none_given(state);
    int64_t from = at - DAY;
    assert_true(x509_crls_add(&given, soft_ca_crl(&ca, from, at + DAY, 0), false));
    assert_true(x509_crls_add(&given, soft_ca_crl(&ca, from, at - 1, 0), false));
    bad(ANY, SITUS_EXPIRED, "chain[0].crl.next_update"); /* of two equally new the shorter */
}

static void a_crl_that_only_the_bundle_brings_must_be_young(void **state)
{
    struct x509_answer answer;
    struct situs_err err;
    give(&root, 7, 0, true);
    give(&ca, 7, 0, true);
    good(REQUIRED, true);
    assert_true(ask(REQUIRED, &answer, &err));
    assert_int_equal(answer.same.from, at); /* one second more and it is another question */
    none_given(state);
    give(&root, 7, 0, true);
    give(&ca, 8, 0, true);
    good(ANY, false); /* as if there were none */
    assert_false(ask(REQUIRED, &answer, &err));
    expect_err(err, SITUS_EXPIRED, "chain[0].crl.this_update", SITUS_NO_OFFSET);
    assert_non_null(strstr(err.hint, "newest CRL"));
    good((struct x509_question){.bundle_crl_days = 8, .require_crls = true}, true);
    bad((struct x509_question){.bundle_crl_days = 0, .require_crls = true}, SITUS_EXPIRED,
        "chain[0].crl.this_update");
    good((struct x509_question){.bundle_crl_days = INT64_MAX, .require_crls = true}, true);
    give(&ca, 20, 0, false); /* the caller has one too: the newest is good enough */
    good(REQUIRED, true);
    none_given(state);
    give(&ca, 20, 0, false); /* the caller's alone, likewise */
    good(ANY, false);
    none_given(state);
    give(&ca, 20, 78, true); /* one that is too old to clear still revokes */
    bad(ANY, SITUS_REVOKED, "chain[0].serial_number");
}

static void the_callers_crls_alone(void **state)
{
    give(&ca, 1, 78, true);
    bad(ANY, SITUS_REVOKED, "chain[0].serial_number");
    good(OWN, false);
    give(&ca, 1, 0, false);
    give(&root, 1, 0, false);
    bad(ANY, SITUS_REVOKED, "chain[0].serial_number");
    good(OWN, true);
    none_given(state);
    give(&ca, 31, 0, true);
    bad(ANY, SITUS_EXPIRED, "chain[0].crl.next_update");
    good(OWN, false);
}

/* A CA of one name with two keys: a CRL of the other one says nothing, and is nobody's excuse. */
static void a_crl_of_another_key_does_not_count(void **state)
{
    struct soft_cert renewed = ca;
    renewed.key = NULL;
    soft_ca_issue(&renewed);
    give(&renewed, 1, 0, false);
    bad(ANY, SITUS_MISSING, "chain[0].crl");
    give(&ca, 3, 0, true); /* not made good by what the bundle adds */
    bad(ANY, SITUS_MISSING, "chain[0].crl");
    give(&ca, 3, 0, false);
    give(&root, 1, 0, false);
    good(REQUIRED, true);
    none_given(state);
    struct soft_cert no_id = renewed; /* it does not say which key: its signature does */
    no_id.x509 = ca.x509;
    give(&no_id, 1, 0, false);
    bad(ANY, SITUS_BAD_SIGNATURE, "chain[0].crl.signature");
    give(&ca, 1, 0, false);
    bad(ANY, SITUS_BAD_SIGNATURE, "chain[0].crl.signature");
    give(&ca, 2, 78, false); /* which is heard first */
    bad(ANY, SITUS_REVOKED, "chain[0].serial_number");
}

static void an_issuer_must_be_allowed_to_sign_crls(void **state)
{
    (void)state;
    struct soft_cert keep[] = {ca, leaf};
    ca.usage = "critical,keyCertSign";
    soft_ca_issue(&ca);
    soft_ca_issue(&leaf);
    give(&ca, 1, 0, false);
    bad(ANY, SITUS_UNTRUSTED, "chain[0].crl.issuer");
    ca = keep[0];
    leaf = keep[1];
}

/* Cost: a CRL is verified and read when a chain to an anchor names its issuer, once. */
static void a_crl_costs_when_it_is_named_and_once(void **state)
{
    struct soft_cert stranger = {.name = "stranger", .ca = true};
    struct x509_question q = ANY;
    soft_ca_issue(&stranger);
    signatures = readings = 0;
    give(&stranger, 1, 78, true);
    good(ANY, false);
    assert_int_equal(signatures + readings, 0);
    give(&root, 1, 0, true);
    give(&ca, 1, 0, true);
    for (int i = 0; i < 3; i++)
        good(ANY, true);
    assert_int_equal(signatures, 2);
    assert_int_equal(readings, 2);
    none_given(state);
    give(&ca, 1, 0, true);
    given.v[0].crl.signature = SPAN_LIT("\x30\x00");
    for (int i = 0; i < 3; i++)
        bad(q, SITUS_BAD_SIGNATURE, "chain[0].crl.signature");
    assert_int_equal(signatures, 3); /* no more for what does not hold */
    assert_int_equal(readings, 2);
}

/* A chain that leads nowhere makes nobody read a CRL. */
static void without_an_anchor_no_crl_is_read(void **state)
{
    (void)state;
    struct x509_answer answer;
    struct situs_err err;
    struct soft_cert keep = root;
    give(&ca, 1, 78, true);
    signatures = readings = 0;
    root = (struct soft_cert){.name = "root", .ca = true};
    soft_ca_issue(&root);
    assert_false(ask(ANY, &answer, &err));
    expect_err(err, SITUS_UNTRUSTED, "chain[1].issuer", SITUS_NO_OFFSET);
    assert_false(answer.chained);
    assert_int_equal(signatures + readings, 0);
    root = keep;
}

/* One whose issuer nobody can read refuses every chain: nobody knows whom it names. */
static void a_crl_without_a_name_refuses_every_chain(void **state)
{
    struct x509_answer answer;
    struct situs_err err;
    static const struct {
        struct span der;
        enum situs_code code;
    } rows[] = {{SPAN_LIT("no CRL"), SITUS_MALFORMED},
                {SPAN_LIT("\x30\x05\x30\x03\x02\x01\x01"), SITUS_TOO_SHORT},
                {SPAN_LIT(""), SITUS_TOO_SHORT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        none_given(state);
        assert_true(x509_crls_add(&given, rows[i].der, true));
        assert_false(ask(ANY, &answer, &err));
        assert_string_equal(err_code_name(err.code), err_code_name(rows[i].code));
        assert_true(strncmp(err.field, "chain[0].crl", 12) == 0);
        good(OWN, false);
    }
    none_given(state);
    while (given.n < LIMIT_ENDORSEMENTS)
        assert_true(x509_crls_add(&given, rows[0].der, true));
    assert_false(x509_crls_add(&given, rows[0].der, true));
}

/* RFC 5280 6.3.3 b: a CRL of one distribution point counts where the certificate repeats a name. */
static struct span point(const char *uri)
{
    return MAKE_DER(0xa0, MAKE_DER(0xa0, MAKE_DER(0x86, span_text(uri))));
}

static struct span points(struct span first, struct span second)
{
    return make_extension("551d1f", false,
                          MAKE_DER(0x30, MAKE_DER(0x30, first), MAKE_DER(0x30, second)));
}

static void a_partition_counts_for_its_own_certificates(void **state)
{
    (void)state;
    struct situs_err err;
    const struct span reasons = make_hex("81020640");
    const struct {
        struct span cdp;
        bool counts;
    } rows[] = {
        {points(point("http://ca/1"), point("http://ca/2")), true},
        {points(point("http://ca/2"), point("http://ca/1")), true},
        {points(point("http://ca/2"), point("http://ca/3")), false},
        {points(point("http://ca/1x"), point("http://ca/")), false},
        {make_extension(
             "551d1f", false,
             MAKE_DER(0x30, MAKE_DER(0x30, point("http://ca/1"),
                                     MAKE_DER(0xa2, MAKE_DER(0x86, SPAN_LIT("http://ca/")))))),
         false}, /* of another issuer */
        {make_extension("551d1f", false,
                        MAKE_DER(0x30, MAKE_DER(0x30, point("http://ca/1"), reasons))),
         false}, /* for some reasons */
        {span_of(NULL, 0), false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene s = {.key = make_key(), .n_crls = 1};
        struct make_doc issuer = make_cert(INTEL_PLATFORM_CA, s.key, INTEL_ROOT, make_key());
        struct make_doc below = make_cert(INTEL_PCK, make_key(), INTEL_PLATFORM_CA, s.key);
        below.part[CERT_EXTRA] = rows[i].cdp;
        s.ca = make_signed(&issuer, s.key);
        s.leaf = make_signed(&below, s.key);
        s.doc = make_crl(INTEL_PLATFORM_CA, s.key);
        s.doc.part[CRL_EXTRA] =
            make_extension("551d1c", true, MAKE_DER(0x30, point("http://ca/1")));
        s.crl[0] = make_signed(&s.doc, s.key);
        bool ok = holds(&s, &err);
        if (ok != rows[i].counts)
            fail_msg("row %zu: %s %s", i, err.field, err.got);
        if (!ok)
            expect_err(err, SITUS_MISSING, "chain[0].crl", SITUS_NO_OFFSET);
        s.doc.part[CRL_REVOKED] = make_hex(REVOKED);
        s.crl[0] = make_signed(&s.doc, s.key);
        assert_false(holds(&s, &err));
        if (rows[i].counts)
            expect_err(err, SITUS_REVOKED, "chain[0].serial_number", SITUS_NO_OFFSET);
    }
    make_reset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_complete_crl_of_the_issuer_counts),
        cmocka_unit_test(an_incomplete_crl_is_refused_where_it_says_so),
        cmocka_unit_test(a_delta_crl_takes_no_revocation_away),
        cmocka_unit_test(a_partition_counts_for_its_own_certificates),
        cmocka_unit_test_setup(any_crl_that_lists_it_revokes, none_given),
        cmocka_unit_test_setup(the_newest_crl_decides_on_the_time, none_given),
        cmocka_unit_test_setup(a_crl_that_only_the_bundle_brings_must_be_young, none_given),
        cmocka_unit_test_setup(the_callers_crls_alone, none_given),
        cmocka_unit_test_setup(a_crl_of_another_key_does_not_count, none_given),
        cmocka_unit_test_setup(an_issuer_must_be_allowed_to_sign_crls, none_given),
        cmocka_unit_test_setup(a_crl_costs_when_it_is_named_and_once, none_given),
        cmocka_unit_test_setup(without_an_anchor_no_crl_is_read, none_given),
        cmocka_unit_test_setup(a_crl_without_a_name_refuses_every_chain, none_given),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
