/* appraise/logs: real logs replay to the registers of their quotes, and only those. */
#include "support/make_log.h"
#include "support/registers.h"
#include "support/test.h"
#include "support/vectors.h"

#include "appraise/logs.h"
#include "base/text.h"

#include <stdio.h>

static const int64_t first_three[] = {0, 1, 2}, all_four[] = {0, 1, 2, 3};
static const int64_t guest_set[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14};

static void start_rtmr(struct case_ *c, const char *quote, const int64_t *set, size_t n)
{
    case_start(c);
    registers_of_quote(&c->td, vectors_read(quote));
    case_set(c, PARAM_LOG_RTMR_SET, set, n);
}

static uint32_t check_rtmr(struct case_ *c, const struct events *log)
{
    case_again(c);
    return logs_check_rtmr(&c->findings, &c->policy, &c->td, log);
}

static void real_ccels_replay_to_the_rtmrs(void **state)
{
    (void)state;
    vectors_need();
    struct case_ c;
    start_rtmr(&c, "tdx/gcp-cos113/quote.bin", first_three, 3);
    struct events log = make_log_load(vectors_read("tdx/gcp-cos113/ccel_data.dat"), LOG_CCEL);
    assert_int_equal(check_rtmr(&c, &log), 7);
    assert_int_equal(c.findings.v[CHECK_LOG_RTMR].outcome, OUTCOME_PASS);
    struct replay r;
    assert_true(logs_replay(&r, &log, HASH_SHA384, 7));
    assert_int_equal(r.n, 43); /* all events of the log */

    start_rtmr(&c, "tdx/live-ccel/quote.bin", all_four, 4);
    log = make_log_load(vectors_read("tdx/live-ccel/ccel.bin"), LOG_CCEL);
    assert_int_equal(check_rtmr(&c, &log), 15);
}

static void wrong_ccels_fail_on_the_right_register(void **state)
{
    (void)state;
    vectors_need();
    struct case_ c;
    start_rtmr(&c, "tdx/gcp-cos113/quote.bin", first_three, 3);
    struct events log =
        make_log_load(vectors_read("tdx/gcp-cos113/ccel_dupe_separator.bin"), LOG_CCEL);
    assert_int_equal(check_rtmr(&c, &log), 0);
    expect_fail(c.findings, CHECK_LOG_RTMR, SITUS_MISMATCH, "rtmr0");
    assert_non_null(strstr(c.findings.v[CHECK_LOG_RTMR].why->hint, "explain rtmr0, rtmr1:"));
    case_set(&c, PARAM_LOG_RTMR_SET, all_four + 1, 1);
    assert_int_equal(check_rtmr(&c, &log), 0);
    expect_fail(c.findings, CHECK_LOG_RTMR, SITUS_MISMATCH, "rtmr1");
    case_set(&c, PARAM_LOG_RTMR_SET, all_four + 2, 1);
    assert_int_equal(check_rtmr(&c, &log), 4);

    start_rtmr(&c, "tdx/live-ccel/quote.bin", all_four, 4);
    log = make_log_load(vectors_read("tdx/live-ccel/ccel_rtmr2_mismatch.bin"), LOG_CCEL);
    assert_int_equal(check_rtmr(&c, &log), 0);
    expect_fail(c.findings, CHECK_LOG_RTMR, SITUS_MISMATCH, "rtmr2");
    assert_non_null(strstr(c.findings.v[CHECK_LOG_RTMR].why->hint, "explain rtmr2:"));
}

static void any_flipped_digest_bit_of_a_ccel_is_refused(void **state)
{
    (void)state;
    vectors_need();
    struct case_ c;
    start_rtmr(&c, "tdx/live-ccel/quote.bin", first_three, 3);
    struct events log = make_log_load(vectors_read("tdx/live-ccel/ccel.bin"), LOG_CCEL);
    uint8_t copy[4096];
    memcpy(copy, log.log.p, log.log.n);
    log.log.p = copy;
    for (size_t e = 0; e < log.n; e++)
        for (size_t bit = 0; bit < 384; bit++) {
            uint8_t *byte = &copy[log.v[e].at + log.v[e].digest[0] + bit / 8];
            *byte ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(check_rtmr(&c, &log), 0);
            assert_int_equal(c.findings.v[CHECK_LOG_RTMR].outcome, OUTCOME_FAIL);
            *byte ^= (uint8_t)(1 << bit % 8);
        }
    assert_int_equal(check_rtmr(&c, &log), 7);
}

/* Checks one real log against a list of PCR values; PCR 10 (IMA) is not in firmware logs. */
static void replay_real(const char *path, const char *pcrs)
{
    struct registers quoted;
    struct case_ c;
    int64_t set[REGISTERS_MAX];
    size_t n = 0;
    registers_of_text(&quoted, vectors_read(pcrs));
    struct events log = make_log_load(vectors_read(path), LOG_PCR);
    uint32_t mask = quoted.bank[0].mask & ~(1u << 10);
    for (uint32_t r = 0; r < REGISTERS_MAX; r++)
        if (mask >> r & 1)
            set[n++] = r;
    case_start(&c);
    case_set(&c, PARAM_LOG_PCR_SET, set, n);
    uint32_t explained = logs_check_pcr(&c.findings, &c.policy, &quoted, &log);
    if (c.findings.v[CHECK_LOG_PCR].outcome != OUTCOME_PASS)
        fail_msg("%s: %s", path, c.findings.v[CHECK_LOG_PCR].why->field);
    assert_int_equal(explained, registers_bank(&quoted, HASH_SHA384) ? mask : 0);
}

static void real_tcg_logs_replay_in_every_bank(void **state)
{
    (void)state;
    vectors_need();
#define ROW(path) replay_real(path ".bin", path ".pcrs.txt")
    ROW("eventlogs/arch-linux-workstation");
    ROW("eventlogs/gcp-tdx-vtpm");
    ROW("eventlogs/rhel8-uefi");
    ROW("eventlogs/ubuntu-2104-no-secure-boot");
    ROW("eventlogs/ubuntu-2404-amd-sevsnp");
#undef ROW
    replay_real("lab/direct-crb/binary_bios_measurements", "lab/direct-crb/pcrs.txt");
    replay_real("lab/uki-crb/binary_bios_measurements", "lab/uki-crb/pcrs.txt");
    replay_real("lab/baremetal-drtm/binary_bios_measurements",
                "lab/baremetal-drtm/pcrs_before_drtm");
}

static void gce_log_explains_all_but_ima(void **state)
{
    (void)state;
    vectors_need();
    struct registers quoted = {0};
    registers_of_json(&quoted, vectors_read("tpm/gce-cos-85/quote0.pcrs.json"));
    registers_of_json(&quoted, vectors_read("tpm/gce-cos-85/quote1.pcrs.json"));
    registers_of_json(&quoted, vectors_read("tpm/gce-cos-85/quote2.pcrs.json"));
    assert_int_equal(quoted.n, 3);
    struct events log = make_log_load(vectors_read("tpm/gce-cos-85/event_log.bin"), LOG_PCR);
    struct case_ c;
    case_start(&c);
    case_set(&c, PARAM_LOG_PCR_SET, guest_set, 13);
    assert_int_not_equal(logs_check_pcr(&c.findings, &c.policy, &quoted, &log), 0);
    assert_int_equal(c.findings.v[CHECK_LOG_PCR].outcome, OUTCOME_PASS);

    static const int64_t ima[] = {0, 10};
    case_again(&c);
    case_set(&c, PARAM_LOG_PCR_SET, ima, 2);
    assert_int_equal(logs_check_pcr(&c.findings, &c.policy, &quoted, &log), 0);
    expect_fail(c.findings, CHECK_LOG_PCR, SITUS_MISSING, "pcr10.sha1");
}

/* One small log of PCR 0 and 7 in two banks, and the registers that it explains. */
static void sample(struct case_ *c, struct make_log *m, struct registers *quoted, uint8_t locality)
{
    static const enum hash banks[] = {HASH_SHA256, HASH_SHA384, HASH_NONE};
    static const int64_t set[] = {0, 7, 9};
    static const char *const texts[] = {"v", "db", "s"};
    uint8_t data[17] = "StartupLocality";
    data[16] = locality;
    make_log_start(m, banks);
    make_log_no_action(m, 0, SPAN_ARR(data));
    make_log_event(m, 0, EV_S_CRTM_VERSION, SPAN_LIT("v"), SPAN_LIT("v"));
    make_log_event(m, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, SPAN_LIT("db"), SPAN_LIT("db"));
    make_log_event(m, 7, EV_SEPARATOR, SPAN_LIT("s"), SPAN_LIT("s"));
    *quoted = (struct registers){0};
    for (size_t b = 0; b < 2; b++) {
        uint8_t value[3][HASH_MAX_SIZE] = {{0}}, d[HASH_MAX_SIZE];
        size_t size = hash_size(banks[b]);
        value[0][size - 1] = locality;
        for (size_t i = 0; i < 3; i++) {
            uint8_t *v = value[i > 0];
            assert_true(digest(banks[b], span_text(texts[i]), d));
            assert_true(digest2(banks[b], span_of(v, size), span_of(d, size), v));
        }
        for (uint32_t i = 0; i < 3; i++)
            registers_add(quoted, banks[b], (uint32_t)set[i], span_of(value[i], size));
    }
    case_start(c);
    case_set(c, PARAM_LOG_PCR_SET, set, 3);
}

static uint32_t check_sample(struct case_ *c, const struct make_log *m,
                             const struct registers *quoted)
{
    struct events log = make_log_read(m, LOG_PCR);
    return logs_check_pcr(&c->findings, &c->policy, quoted, &log);
}

static void startup_locality_is_the_first_value_of_pcr_0(void **state)
{
    (void)state;
    struct case_ c;
    struct make_log m;
    struct registers quoted;
    static const uint8_t localities[] = {0, 3, 4};
    for (size_t i = 0; i < 3; i++) {
        sample(&c, &m, &quoted, localities[i]);
        assert_int_equal(check_sample(&c, &m, &quoted), 1u << 0 | 1u << 7 | 1u << 9);
    }
    sample(&c, &m, &quoted, 3);
    m.bytes[69 + 12 + 34 + 50 + 4 + 16] = 0;
    assert_int_equal(check_sample(&c, &m, &quoted), 0);
    expect_fail(c.findings, CHECK_LOG_PCR, SITUS_MISMATCH, "pcr0.sha256");
}

static void no_action_events_are_never_extended(void **state)
{
    (void)state;
    struct case_ c;
    struct make_log m;
    struct registers quoted;
    sample(&c, &m, &quoted, 0);
    make_log_no_action(&m, 7, SPAN_LIT("note"));
    assert_int_not_equal(check_sample(&c, &m, &quoted), 0);
    m.bytes[m.w.n - 4 - 4 - 1] = 1; /* even with a digest that is not zero */
    assert_int_not_equal(check_sample(&c, &m, &quoted), 0);
}

static void an_extended_register_without_events_fails(void **state)
{
    (void)state;
    struct case_ c;
    struct make_log m;
    struct registers quoted;
    static const uint8_t value[32] = {1};
    sample(&c, &m, &quoted, 0);
    registers_add(&quoted, HASH_SHA256, 9, SPAN_ARR(value));
    assert_int_equal(check_sample(&c, &m, &quoted), 0);
    expect_fail(c.findings, CHECK_LOG_PCR, SITUS_MISSING, "pcr9.sha256");
}

static void events_of_a_register_that_was_not_extended_fail(void **state)
{
    (void)state;
    struct case_ c;
    struct make_log m;
    struct registers quoted;
    sample(&c, &m, &quoted, 0);
    make_log_event(&m, 9, EV_IPL, SPAN_LIT("x"), SPAN_LIT("x"));
    assert_int_equal(check_sample(&c, &m, &quoted), 0);
    expect_fail(c.findings, CHECK_LOG_PCR, SITUS_MISMATCH, "pcr9.sha256");
}

static void every_quoted_bank_must_replay(void **state)
{
    (void)state;
    struct case_ c;
    struct make_log m;
    struct registers quoted;
    static const uint8_t value[48] = {1};
    sample(&c, &m, &quoted, 0);
    registers_add(&quoted, HASH_SHA384, 7, SPAN_ARR(value)); /* the second bank only */
    assert_int_equal(check_sample(&c, &m, &quoted), 0);
    expect_fail(c.findings, CHECK_LOG_PCR, SITUS_MISMATCH, "pcr7.sha384");

    sample(&c, &m, &quoted, 0);
    for (uint32_t i = 0; i < 10; i++)
        registers_add(&quoted, HASH_SHA1, i, span_of(value, 20));
    assert_int_equal(check_sample(&c, &m, &quoted), 0);
    expect_fail(c.findings, CHECK_LOG_PCR, SITUS_MISSING, "spec_id.digest_sizes");
}

/* An event that says nothing in a quoted bank is no event to step over: its register was extended
 * by nobody knows what. Of registers that nobody asks about it may be so. */
static void every_compared_event_has_every_quoted_bank(void **state)
{
    (void)state;
    struct case_ c;
    struct make_log m;
    struct registers quoted;
    sample(&c, &m, &quoted, 0);
    uint32_t explained = check_sample(&c, &m, &quoted);
    assert_int_equal(c.findings.v[CHECK_LOG_PCR].outcome, OUTCOME_PASS);
    size_t before = make_log_read(&m, LOG_PCR).n;
    make_log_only(&m, HASH_SHA384, 23, EV_EVENT_TAG, SPAN_LIT("asked by nobody"));
    assert_int_equal(check_sample(&c, &m, &quoted), explained);
    assert_int_equal(c.findings.v[CHECK_LOG_PCR].outcome, OUTCOME_PASS);
    make_log_only(&m, HASH_SHA384, 9, EV_IPL, SPAN_LIT("x"));
    assert_int_equal(check_sample(&c, &m, &quoted), 0);
    char field[40];
    snprintf(field, sizeof field, "event[%zu].digests", before + 1);
    expect_fail(c.findings, CHECK_LOG_PCR, SITUS_MISSING, field);
    struct replay r; /* nor is it replayed for anybody else */
    struct events log = make_log_read(&m, LOG_PCR);
    assert_false(logs_replay(&r, &log, HASH_SHA256, 1u << 9));
    assert_true(logs_replay(&r, &log, HASH_SHA256, 1u << 8));
}

static void a_register_of_the_set_must_be_quoted(void **state)
{
    (void)state;
    struct case_ c;
    struct make_log m;
    struct registers quoted;
    sample(&c, &m, &quoted, 0);
    quoted.bank[1].mask &= ~(1u << 7);
    assert_int_equal(check_sample(&c, &m, &quoted), 0);
    expect_fail(c.findings, CHECK_LOG_PCR, SITUS_MISSING, "pcr7.sha384");
}

static void registers_that_nothing_was_measured_into_fail(void **state)
{
    (void)state;
    /* Azure's paravisor: all RTMRs zero, and a CCEL without events */
    static const uint8_t zero[48];
    struct case_ c;
    struct make_log m;
    case_start(&c);
    case_set(&c, PARAM_LOG_RTMR_SET, first_three, 3);
    for (size_t i = 0; i < 4; i++)
        claim_bytes(&c.td, (enum claim_id)(CLAIM_RTMR0 + i), SPAN_ARR(zero));
    make_log_start(&m, (const enum hash[]){HASH_SHA384, HASH_NONE});
    struct events log = make_log_read(&m, LOG_CCEL);
    assert_int_equal(check_rtmr(&c, &log), 0);
    expect_fail(c.findings, CHECK_LOG_RTMR, SITUS_NOT_MEASURED, "event");
}

static void launch_registers_start_at_zero_only_after_a_launch(void **state)
{
    (void)state;
    /* swtpm: HASH_START/DATA/END of the first text, then extends of the others' hashes */
    static const struct {
        uint32_t pcr;
        const char *text;
    } events[] = {{17, "SINIT ACM image bytes"}, {17, "SINIT policy control"}, {17, "SEAM loader"},
                  {18, "authorities"},           {18, "host kernel"},          {18, "vtpm binary"}};
    struct make_log m;
    make_log_start(&m, (const enum hash[]){HASH_SHA256, HASH_NONE});
    for (size_t i = 0; i < 6; i++)
        make_log_event(&m, events[i].pcr, i == 0 ? EVTYPE_HASH_START : EVTYPE_MLE_HASH,
                       span_text(events[i].text), span_text(events[i].text));
    struct events log = make_log_read(&m, LOG_LAUNCH);
    struct replay r;
    assert_true(logs_replay(&r, &log, HASH_SHA256, 0x7e0000));
    expect_hex(span_of(r.value[17], 32),
               "ecc8abbbb83d358fddeeeb23ac920dbce5c2e7d215dadebe0e7fe3b20aa06bad");
    expect_hex(span_of(r.value[18], 32),
               "bf4f7f7459bfb62e86a75425f99b2f7ff92024e9adba160a51a3c3ca488ba7c9");
    assert_true(span_all(span_of(r.value[19], 32), 0));
    log.launched = false;
    assert_true(logs_replay(&r, &log, HASH_SHA256, 1u << 18));
    assert_true(span_all(span_of(r.value[17], 32), 0xff));
    assert_false(logs_replay(&r, &log, HASH_SHA384, 1u << 18)); /* no such bank */
}

static void without_log_or_quote_the_check_does_not_run(void **state)
{
    (void)state;
    struct case_ c;
    struct make_log m;
    struct registers quoted;
    sample(&c, &m, &quoted, 0);
    assert_int_equal(logs_check_pcr(&c.findings, &c.policy, &quoted, NULL), 0);
    assert_int_equal(c.findings.v[CHECK_LOG_PCR].outcome, OUTCOME_NOT_RUN);
    assert_int_equal(logs_check_rtmr(&c.findings, &c.policy, &c.td, NULL), 0);
    assert_int_equal(c.findings.v[CHECK_LOG_RTMR].outcome, OUTCOME_NOT_RUN);

    make_log_start(&m, (const enum hash[]){HASH_SHA384, HASH_NONE});
    struct events log = make_log_read(&m, LOG_CCEL);
    c.td.authority = NULL;
    assert_int_equal(check_rtmr(&c, &log), 0);
    assert_int_equal(c.findings.v[CHECK_LOG_RTMR].outcome, OUTCOME_NOT_RUN);
}

/* DESIGN: measurements, 7: two banks in which one log tells of two boots. Registers replay in
 * each. */
static void banks_that_tell_of_two_boots_fail(void **state)
{
    (void)state;
    static const char *const in_sha256[] = {"db", "another", "nobody's"};
    for (size_t k = 0; k < 3; k++) {
        struct case_ c;
        struct make_log m;
        struct registers quoted;
        sample(&c, &m, &quoted, 0);
        /* the first event of PCR 7: its SHA-256 digest, then its SHA-384 digest, then its data */
        size_t at = 69 + (12 + 34 + 50 + 4 + 17) + (12 + 34 + 50 + 4 + 1) + 12 + 2;
        assert_true(digest(HASH_SHA256, span_text(in_sha256[k]), m.bytes + at));
        if (k == 2) /* in neither bank: what the digests are of is not in the log */
            assert_true(digest(HASH_SHA384, span_text(in_sha256[k]), m.bytes + at + 34));
        struct events log = make_log_read(&m, LOG_PCR);
        static struct replay r[2];
        for (size_t b = 0; b < 2; b++) {
            assert_true(logs_replay(&r[b], &log, quoted.bank[b].hash, 0x281));
            quoted.bank[b].value[7] = span_of(r[b].value[7], hash_size(quoted.bank[b].hash));
        }
        assert_int_equal(check_sample(&c, &m, &quoted) != 0, k != 1);
        if (k == 1)
            expect_fail(c.findings, CHECK_LOG_PCR, SITUS_MISMATCH, "event[2].digests");
    }
}

static void a_set_without_registers_fails(void **state)
{
    (void)state;
    struct case_ c;
    struct make_log m;
    struct registers quoted;
    static const int64_t beyond[] = {0, 24};
    for (size_t n = 0; n <= 2; n += 2) {
        sample(&c, &m, &quoted, 0);
        case_set(&c, PARAM_LOG_PCR_SET, beyond, n);
        assert_int_equal(check_sample(&c, &m, &quoted), 0);
        expect_fail(c.findings, CHECK_LOG_PCR, SITUS_NOT_ALLOWED, "log.pcr.registers");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_ccels_replay_to_the_rtmrs),
        cmocka_unit_test(wrong_ccels_fail_on_the_right_register),
        cmocka_unit_test(any_flipped_digest_bit_of_a_ccel_is_refused),
        cmocka_unit_test(real_tcg_logs_replay_in_every_bank),
        cmocka_unit_test(gce_log_explains_all_but_ima),
        cmocka_unit_test(startup_locality_is_the_first_value_of_pcr_0),
        cmocka_unit_test(no_action_events_are_never_extended),
        cmocka_unit_test(an_extended_register_without_events_fails),
        cmocka_unit_test(events_of_a_register_that_was_not_extended_fail),
        cmocka_unit_test(every_quoted_bank_must_replay),
        cmocka_unit_test(every_compared_event_has_every_quoted_bank),
        cmocka_unit_test(a_register_of_the_set_must_be_quoted),
        cmocka_unit_test(registers_that_nothing_was_measured_into_fail),
        cmocka_unit_test(launch_registers_start_at_zero_only_after_a_launch),
        cmocka_unit_test(without_log_or_quote_the_check_does_not_run),
        cmocka_unit_test(banks_that_tell_of_two_boots_fail),
        cmocka_unit_test(a_set_without_registers_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
