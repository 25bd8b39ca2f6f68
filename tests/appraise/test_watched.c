/* fresh.continuity: what may be said of a span, and what refuses. */
#include "appraise/watched.h"

#include "support/test.h"

#define AT 1800000000

static struct policy policy;
static struct result r;
static uint8_t memory[64 * 1024];

/* A span of an hour, asked within a minute, the longest gap 25 s. */
static const struct watched hour = {AT - 3600, AT + 40, 60000, 25000};

static const struct finding *check(const struct watched *w)
{
    r = (struct result){.policy = &policy, .at = AT};
    static struct arena a;
    a = arena_new(memory, sizeof memory);
    r.findings.arena = &a;
    watched_check(&r, w);
    return &r.findings.v[CHECK_FRESH_CONTINUITY];
}

static void asks(unsigned require, int64_t most, int64_t least)
{
    policy = (struct policy){.require = require};
    policy.v[PARAM_CONTINUITY_MAX_GAP] = (struct param_value){.given = most > 0, .num = most};
    policy.v[PARAM_CONTINUITY_MIN] = (struct param_value){.given = least > 0, .num = least};
}

static void a_span_without_a_gap_passes(void **state)
{
    (void)state;
    const struct watched young = {AT, AT, 1, 0};
    asks(PROOF_CONTINUOUS, 25, 3600);
    assert_int_equal(check(&hour)->outcome, OUTCOME_PASS);
    assert_int_equal(r.watched.since, AT - 3600);
    assert_int_equal(check(&hour)->until, AT + 40);
    asks(PROOF_CONTINUOUS, 0, 0);
    assert_int_equal(check(&young)->outcome, OUTCOME_PASS);
    asks(PROOF_LIVE, 0, 0);
    assert_int_equal(check(&hour)->outcome, OUTCOME_PASS);
}

static void what_is_not_in_a_span_is_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned require;
        int64_t most, least;
    } policies[] = {{PROOF_CONTINUOUS, 0, 0}, {PROOF_LIVE, 60, 0}, {PROOF_LIVE, 0, 1}};
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        asks(policies[i].require, policies[i].most, policies[i].least);
        check(NULL);
        expect_fail(r.findings, CHECK_FRESH_CONTINUITY, SITUS_MISSING, "since");
        assert_int_equal(r.watched.since, 0);
    }
    asks(PROOF_LIVE, 0, 0);
    assert_int_equal(check(NULL)->outcome, OUTCOME_NOT_RUN);
    assert_non_null(check(NULL)->reason);
}

static void what_is_against_a_span_refuses(void **state)
{
    (void)state;
    static const struct {
        struct watched w;
        int64_t most, least;
        enum situs_code code;
        const char *field;
    } bad[] = {
        {{AT - 9, AT + 9, 60000, 60001}, 0, 0, SITUS_NOT_ALLOWED, "longest_gap_ms"},
        {{AT - 9, AT + 9, 60000, 25001}, 25, 0, SITUS_NOT_ALLOWED, "longest_gap_ms"},
        {{AT - 9, AT + 9, INT64_MAX, INT64_MAX}, INT32_MAX, 0, SITUS_NOT_ALLOWED, "longest_gap_ms"},
        {{AT - 3599, AT + 9, 60000, 0}, 0, 3600, SITUS_NOT_ALLOWED, "seconds"},
        {{AT - 9, AT - 1, 60000, 0}, 0, 0, SITUS_EXPIRED, "until"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        asks(PROOF_LIVE, bad[i].most, bad[i].least);
        check(&bad[i].w);
        expect_fail(r.findings, CHECK_FRESH_CONTINUITY, bad[i].code, bad[i].field);
        assert_int_equal(r.watched.since, 0);
    }
}

static void archived_evidence_is_of_one_moment(void **state)
{
    (void)state;
    asks(PROOF_CONTINUOUS, 60, 0);
    check(NULL);
    r.findings.v[CHECK_FRESH_CONTINUITY] = (struct finding){0};
    r.archived = true;
    watched_check(&r, &hour);
    assert_int_equal(r.findings.v[CHECK_FRESH_CONTINUITY].outcome, OUTCOME_NOT_RUN);
    assert_int_equal(r.watched.since, 0);
}

static void what_no_span_can_be_does_not_read(void **state)
{
    (void)state;
    static const struct {
        struct watched w;
        const char *field;
    } bad[] = {
        {{0, AT, 1, 0}, "since"},          {{-1, AT, 1, 0}, "since"},
        {{AT + 1, AT + 1, 1, 0}, "since"}, {{AT - 9, AT - 10, 1, 0}, "until"},
        {{AT - 9, AT, 0, 0}, "within_ms"}, {{AT - 9, AT, 1, -1}, "longest_gap_ms"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct situs_err err = {0};
        assert_false(watched_read(&bad[i].w, AT, &err));
        assert_int_equal(err.code, SITUS_MALFORMED);
        assert_string_equal(err.part, "span");
        assert_string_equal(err.field, bad[i].field);
    }
    struct situs_err err = {0};
    assert_true(watched_read(&hour, AT, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_span_without_a_gap_passes),
        cmocka_unit_test(what_is_not_in_a_span_is_refused),
        cmocka_unit_test(what_is_against_a_span_refuses),
        cmocka_unit_test(archived_evidence_is_of_one_moment),
        cmocka_unit_test(what_no_span_can_be_does_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
