/* Ownership endorsements on Intel's own sample: it holds in its window, under its root, for its
 * platform, and nowhere else. */
#include "support/test.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "endorse/poe/poe_verify.h"
#include "endorse/poe/poe_write.h"
#include "support/poe_ids.h"
#include "support/vectors.h"

#define SAMPLE "poe/poe-corim-1.0-signed.cbor"
#define PIID "00112233445566778899aabbccddeeff"
#define OWNER "sample-owner.csp.example.com"
#define NEW_YEAR 1798761600 /* 2027-01-01T00:00:00Z */

/* One endorsement through reading and verification. */
struct run {
    struct poe poe;
    struct situs_err err;
    struct anchor anchor;
    struct trust trust;
    struct findings findings;
    struct claims claims, tee;
    struct policy policy;
    struct issuer_cache *cache;
    uint8_t memory[65536];
    struct arena arena;
};

static void start(struct run *r)
{
    *r = (struct run){.anchor = {.name = "root", .uses = ANCHOR_POE}};
    assert_true(poe_read(&r->poe, vectors_read(SAMPLE), "poe", &r->err));
    r->anchor.der = r->poe.certs[1];
    assert_true(digest(HASH_SHA256, r->anchor.der, r->anchor.sha256));
    r->trust = (struct trust){.anchors = &r->anchor, .n = 1};
}

static void verify(struct run *r, int64_t at)
{
    const struct poe_question q = {.poe = &r->poe,
                                   .trust = &r->trust,
                                   .policy = &r->policy,
                                   .cache = r->cache,
                                   .at = at,
                                   .part = "poe"};
    r->arena = arena_new(r->memory, sizeof r->memory);
    r->findings = (struct findings){.arena = &r->arena};
    r->claims = (struct claims){.instance = NULL};
    poe_verify(&q, &r->arena, &r->claims, &r->findings);
}

static void expect_holds(const struct run *r)
{
    assert_int_equal(r->findings.v[CHECK_POE_SIGNATURE].outcome, OUTCOME_PASS);
    assert_int_equal(r->findings.v[CHECK_POE_WINDOW].outcome, OUTCOME_PASS);
    assert_ptr_equal(r->claims.authority, &r->anchor);
}

static void expect_text(const struct run *r, enum claim_id id, const char *text)
{
    const struct claim *c = claims_get(&r->claims, id);
    assert_non_null(c);
    assert_true(span_equal(c->bytes, span_text(text)));
}

static void sample_reads_to_its_published_values(void **state)
{
    (void)state;
    struct run r;
    vectors_need();
    start(&r);
    assert_int_equal(r.poe.alg, COSE_ESP384);
    expect_hex(r.poe.piid, PIID);
    assert_true(span_equal(r.poe.owner, SPAN_LIT(OWNER)));
    assert_true(span_equal(r.poe.iss, SPAN_LIT("[DEBUG] " OWNER)));
    assert_int_equal(r.poe.n_certs, 2);
    assert_true(r.poe.validity.from == 1790613288 && r.poe.validity.to == 1948293288);
    expect_hex(r.poe.id.v, "08c448eda5d582d282de4bb7ca8cb9d5");
    expect_hex(r.poe.tag_id.v, "78d6971fd0a484059ae9d23266596ed3");
    assert_int_equal(r.poe.cose.headers.n, 217);
    assert_int_equal(r.poe.cose.payload.n, 262);
    assert_int_equal(r.poe.triples.n, 160);
}

static void sample_ids_are_derived_from_its_content(void **state)
{
    (void)state;
    struct run r;
    uint8_t tag_id[POE_UUID_SIZE], id[POE_UUID_SIZE];
    vectors_need();
    start(&r);
    assert_true(poe_ids(&r.poe, tag_id, id));
    assert_true(span_equal(SPAN_ARR(tag_id), r.poe.tag_id.v));
    assert_true(span_equal(SPAN_ARR(id), r.poe.id.v));
}

static void sample_holds_at_new_year_under_its_root(void **state)
{
    (void)state;
    struct run r;
    vectors_need();
    start(&r);
    verify(&r, NEW_YEAR);
    expect_holds(&r);
    expect_text(&r, CLAIM_OWNER, OWNER);
    expect_text(&r, CLAIM_ISSUER, "CN=[DEBUG] " OWNER);
    expect_text(&r, CLAIM_ISS, "[DEBUG] " OWNER);
    expect_text(&r, CLAIM_ENDORSEMENT_ID, "08c448eda5d582d282de4bb7ca8cb9d5");
    expect_text(&r, CLAIM_TAG_ID, "78d6971fd0a484059ae9d23266596ed3");
    /* the window is the certificates' where it is shorter: 2026-09-28T16:34:48Z to 2027-09-28 */
    assert_true(claims_get(&r.claims, CLAIM_NOT_BEFORE)->num == 1790613288);
    assert_true(claims_get(&r.claims, CLAIM_NOT_AFTER)->num == 1822145763);
}

static void sample_is_refused_outside_of_its_window(void **state)
{
    (void)state;
    static const struct {
        int64_t at;
        enum situs_code code;
        const char *field;
    } cases[] = {
        {1790613287, SITUS_NOT_YET_VALID, "corim.rim_validity.not_before"},
        {1790609762, SITUS_NOT_YET_VALID, "corim.rim_validity.not_before"},
        {1822145764, SITUS_EXPIRED, "x5chain.not_after"}, /* inside rim-validity */
        {1948293289, SITUS_EXPIRED, "corim.rim_validity.not_after"},
    };
    struct run r;
    vectors_need();
    start(&r);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        verify(&r, cases[i].at);
        expect_fail(r.findings, CHECK_POE_WINDOW, cases[i].code, cases[i].field);
        assert_int_equal(r.findings.v[CHECK_POE_SIGNATURE].outcome, OUTCOME_NOT_RUN);
        assert_null(r.claims.authority);
    }
    verify(&r, 1790613288);
    expect_holds(&r);
    verify(&r, 1822145762); /* X509_verify_cert counts the last second as outside */
    expect_holds(&r);
}

/* N83: a root that the endorsement brings is nobody's anchor; nor is an anchor for another use. */
static void roots_count_only_as_anchors_for_this_use(void **state)
{
    (void)state;
    struct run r;
    vectors_need();
    start(&r);
    r.trust.n = 0;
    verify(&r, NEW_YEAR);
    expect_fail(r.findings, CHECK_POE_SIGNATURE, SITUS_UNTRUSTED, "chain[1].issuer");
    assert_null(r.claims.authority);
    r.trust.n = 1;
    r.anchor.uses = ~(unsigned)ANCHOR_POE;
    verify(&r, NEW_YEAR);
    expect_fail(r.findings, CHECK_POE_SIGNATURE, SITUS_UNTRUSTED, "chain[1].issuer");
}

/* A sample of the bits, a smaller one under sanitizers. */
#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 13
#else
#define STRIDE 5
#endif

/* But for those of the root: the anchor stands for it, and its copy here is for nobody. */
static void every_bit_of_the_sample_counts(void **state)
{
    (void)state;
    size_t root, root_end;
    static uint8_t copy[4096];
    struct run r;
    vectors_need();
    struct span sample = vectors_read(SAMPLE);
    start(&r);
    root = (size_t)(r.poe.certs[1].p - r.poe.whole.p);
    root_end = root + r.poe.certs[1].n;
    for (size_t i = 0; i < 8 * sample.n; i += STRIDE) {
        start(&r);
        memcpy(copy, sample.p, sample.n);
        copy[i / 8] ^= (uint8_t)(1 << i % 8);
        if (!poe_read(&r.poe, span_of(copy, sample.n), "poe", &r.err))
            continue;
        verify(&r, NEW_YEAR);
        if (i / 8 < root || i / 8 >= root_end)
            assert_null(r.claims.authority);
    }
}

/* Our writer is the sample's byte for byte, where it is given the sample's values. */
static void our_own_bytes_are_the_samples(void **state)
{
    (void)state;
    struct run r;
    uint8_t room[2048];
    vectors_need();
    start(&r);
    struct wr w = wr_new(room, sizeof room);
    assert_true(poe_write_payload(&w, r.poe.piid, r.poe.owner, r.poe.validity));
    assert_true(span_equal(wr_span(&w), r.poe.cose.payload));
    w = wr_new(room, sizeof room);
    assert_true(poe_write_headers(&w, r.poe.alg, r.poe.kid, r.poe.iss, r.poe.refresh_uri));
    assert_true(span_equal(wr_span(&w), r.poe.cose.headers));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_reads_to_its_published_values),
        cmocka_unit_test(sample_ids_are_derived_from_its_content),
        cmocka_unit_test(sample_holds_at_new_year_under_its_root),
        cmocka_unit_test(sample_is_refused_outside_of_its_window),
        cmocka_unit_test(roots_count_only_as_anchors_for_this_use),
        cmocka_unit_test(our_own_bytes_are_the_samples),
        cmocka_unit_test(every_bit_of_the_sample_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
