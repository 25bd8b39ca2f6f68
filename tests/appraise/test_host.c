/* appraise/host and appraise/seal: edges that whole appraisals (tests/situs) do not reach. */
#include "support/make_log.h"
#include "support/registers.h"
#include "support/test.h"

#include "appraise/host.h"
#include "appraise/logs.h"
#include "appraise/seal.h"

#define LAUNCH (3u << 17)

struct scene {
    struct case_ c;
    struct make_log m;
    struct events log;
    struct registers quoted;
    struct host_event events[3];
    struct host_reference hosts[2];
    struct claims platform;
};
static struct scene s;

static void event(uint32_t pcr, uint32_t type, const char *text)
{
    make_log_event(&s.m, pcr, type, span_text(text), span_text(text));
}

static void want(size_t i, uint32_t pcr, const char *text)
{
    s.events[i].pcr = pcr;
    assert_true(digest(HASH_SHA256, span_text(text), s.events[i].digest));
}

static int good(void **state)
{
    (void)state;
    memset(&s, 0, sizeof s);
    case_start(&s.c);
    make_log_start(&s.m, (const enum hash[]){HASH_SHA256, HASH_NONE});
    event(17, EVTYPE_HASH_START, "acm");
    event(19, EV_IPL, "not quoted");
    event(18, EV_IPL, "host");
    make_log_no_action(&s.m, 18, SPAN_LIT("note"));
    want(0, 17, "acm");
    want(1, 18, "host");
    s.hosts[0] = (struct host_reference){.name = SPAN_LIT("old"),
                                         .valid = {100, 200},
                                         .closed = {SPAN_LIT("us"), (1u << CLOSED_POINTS) - 1},
                                         .bank = HASH_SHA256,
                                         .registers = LAUNCH,
                                         .events = s.events,
                                         .n = 2};
    s.hosts[1] = s.hosts[0];
    s.hosts[1].name = SPAN_LIT("new");
    s.hosts[1].valid = (struct window){150, 300};
    s.c.policy.v[PARAM_HOST_IMAGE_IMAGES] =
        (struct param_value){.given = true, .hosts = s.hosts, .n = 2};
    return 0;
}

/* Lets the TPM quote what it measured; then both checks. */
static const struct host_reference *check(int64_t at)
{
    struct replay r;
    s.log = make_log_read(&s.m, LOG_LAUNCH);
    assert_true(logs_replay(&r, &s.log, HASH_SHA256, LAUNCH));
    s.quoted.n = 0;
    registers_add(&s.quoted, HASH_SHA256, 17, span_of(r.value[17], 32));
    registers_add(&s.quoted, HASH_SHA256, 18, span_of(r.value[18], 32));
    s.quoted.bank[0].mask = LAUNCH;
    case_again(&s.c);
    const struct bank *bank = logs_check_launch(&s.c.findings, &s.quoted, &s.log);
    assert_non_null(bank);
    return host_check(&s.c.findings, &s.c.policy, bank, &s.log, at);
}

static enum outcome image(void)
{
    return s.c.findings.v[CHECK_HOST_IMAGE].outcome;
}

static void windows_overlap_and_include_their_ends(void **state)
{
    (void)state;
    assert_ptr_equal(check(100), &s.hosts[0]);
    assert_int_equal(image(), OUTCOME_PASS);
    assert_ptr_equal(check(200), &s.hosts[0]);
    assert_ptr_equal(check(201), &s.hosts[1]);
    assert_int_equal(image(), OUTCOME_PASS);
    check(300);
    assert_int_equal(image(), OUTCOME_PASS);
    check(99);
    expect_fail(s.c.findings, CHECK_HOST_IMAGE, SITUS_NOT_YET_VALID, "host.image.images.from");
    check(301);
    expect_fail(s.c.findings, CHECK_HOST_IMAGE, SITUS_EXPIRED, "host.image.images.to");
}

static void types_count_where_the_reference_names_them(void **state)
{
    (void)state;
    s.events[1].typed = true;
    s.events[1].type = EV_IPL;
    assert_non_null(check(150));
    s.events[1].type = EV_SEPARATOR;
    assert_null(check(150));
    expect_fail(s.c.findings, CHECK_HOST_IMAGE, SITUS_NOT_ALLOWED, "event[2].digest");
}

static void order_register_and_number_of_events_count(void **state)
{
    (void)state;
    want(1, 17, "host");
    assert_null(check(150));
    expect_fail(s.c.findings, CHECK_HOST_IMAGE, SITUS_NOT_ALLOWED, "event[2].digest");
    good(state);
    s.hosts[0].n = s.hosts[1].n = 1;
    assert_null(check(150));
    expect_fail(s.c.findings, CHECK_HOST_IMAGE, SITUS_NOT_ALLOWED, "event[2].digest");
    good(state);
    want(2, 18, "agent");
    s.hosts[0].n = s.hosts[1].n = 3;
    assert_null(check(150));
    expect_fail(s.c.findings, CHECK_HOST_IMAGE, SITUS_NOT_ALLOWED, "event[4].digest");
}

static void other_registers_and_banks_are_other_hosts(void **state)
{
    (void)state;
    s.hosts[0].registers = s.hosts[1].registers = LAUNCH | 1 << 19;
    assert_null(check(150));
    expect_fail(s.c.findings, CHECK_HOST_IMAGE, SITUS_NOT_ALLOWED, "host.image.images");
    good(state);
    s.hosts[0].bank = s.hosts[1].bank = HASH_SHA384;
    assert_null(check(150));
}

/* N64: a register that no event measured is no measurement. */
static void each_quoted_register_needs_its_event(void **state)
{
    (void)state;
    uint8_t value[32] = {1};
    check(150);
    registers_add(&s.quoted, HASH_SHA256, 20, SPAN_ARR(value));
    case_again(&s.c);
    assert_null(logs_check_launch(&s.c.findings, &s.quoted, &s.log));
    expect_fail(s.c.findings, CHECK_LOG_LAUNCH, SITUS_MISSING, "pcr20.sha256");
    case_again(&s.c);
    assert_null(logs_check_launch(&s.c.findings, &s.quoted, NULL));
    assert_int_equal(s.c.findings.v[CHECK_LOG_LAUNCH].outcome, OUTCOME_NOT_RUN);
    assert_null(host_check(&s.c.findings, &s.c.policy, NULL, NULL, 150));
    assert_int_equal(image(), OUTCOME_NOT_RUN);
}

/* A certificate that says nothing of the machine, as Google's: each row misses its claim. */
static void without_the_registrars_words_nothing_holds(void **state)
{
    (void)state;
    uint8_t sealed[32] = {0};
    struct claims *p = &s.c.tpm;
    p->instance = "tpm.platform";
    s.hosts[0].co_locates = true;
    seal_check_enrolled(&s.c.findings, p);
    seal_check_boot(&s.c.findings, p);
    seal_check_machine(&s.c.findings, &s.c.td, p);
    expect_fail(s.c.findings, CHECK_AK_ENROLLED, SITUS_MISSING, "machine_class");
    expect_fail(s.c.findings, CHECK_AK_BOOT, SITUS_MISSING, "reset_count");
    expect_fail(s.c.findings, CHECK_MACHINE_SAME, SITUS_MISSING, "piid");
    assert_true(seal_policy_host(&s.hosts[0], sealed));
    seal_check_sealed(&s.c.findings, &s.c.policy, p, SPAN_ARR(sealed), &s.hosts[0]);
    expect_fail(s.c.findings, CHECK_AK_SEALED, SITUS_MISSING, "ek_name");
    p->authority = NULL;
    case_again(&s.c);
    seal_check_enrolled(&s.c.findings, p);
    seal_check_boot(&s.c.findings, p);
    seal_check_machine(&s.c.findings, &s.c.td, p);
    seal_check_sealed(&s.c.findings, &s.c.policy, p, SPAN_ARR(sealed), &s.hosts[0]);
    host_check_co_located(&s.c.findings, p, &s.hosts[0]);
    static const enum check rows[] = {CHECK_AK_ENROLLED, CHECK_AK_BOOT, CHECK_MACHINE_SAME,
                                      CHECK_AK_SEALED, CHECK_HOST_CO_LOCATED};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(s.c.findings.v[rows[i]].outcome, OUTCOME_NOT_RUN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(windows_overlap_and_include_their_ends, good),
        cmocka_unit_test_setup(types_count_where_the_reference_names_them, good),
        cmocka_unit_test_setup(order_register_and_number_of_events_count, good),
        cmocka_unit_test_setup(other_registers_and_banks_are_other_hosts, good),
        cmocka_unit_test_setup(each_quoted_register_needs_its_event, good),
        cmocka_unit_test_setup(without_the_registrars_words_nothing_holds, good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
