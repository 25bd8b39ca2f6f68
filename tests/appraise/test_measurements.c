/*
 * appraise/measurements: what TD and TPM measured is one boot, by the lists of the reference
 * (DESIGN: measurements). All that can be done to a log, generated, is in test_boot_mutations.c.
 */
#include "support/boots.h"
#include "support/make_log.h"
#include "support/test.h"
#include "support/vectors.h"

#include "appraise/boot_walk.h"
#include "base/text.h"

#define FAILURE "Exit Boot Services Returned with Failure"
#define INVOCATION "Exit Boot Services Invocation"

static void start(struct log_pair *p)
{
    boots_start(p, 0);
}

static void accepted(struct log_pair *p)
{
    if (log_pair_bound(p))
        return;
    const enum check rows[] = {CHECK_LOG_RTMR, CHECK_LOG_PCR, CHECK_REF_GUEST,
                               CHECK_BIND_MEASUREMENTS};
    for (size_t i = 0; i < 4; i++) {
        const struct situs_err *why = p->c.findings.v[rows[i]].why;
        if (why)
            fail_msg("%s: %s: expected %s, got %s; %s", check_row(rows[i])->id, why->field,
                     why->expected, why->got, why->hint);
    }
    fail_msg("not run");
}

static void one_boot_is_accepted(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    accepted(&p);
    assert_int_equal(p.out.td_only, 2);
    assert_int_equal(p.out.tpm_only, 2);
    assert_int_equal(p.out.shared, p.td.n - 2);
}

static void an_event_of_another_pcr_is_refused(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    log_pair_find(&p.tpm, 11, EV_IPL)->at = 12;
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr12");
}

/* F1b: an extension of the system in a register that once was not quoted. */
static void an_event_in_pcr_13_is_refused(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    log_pair_add(&p.tpm, 13, EV_IPL, SPAN_LIT("sysext"), SPAN_LIT("relay.raw"));
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr13");
}

/* F1c: what only the TPM measures has a digest in the reference, whatever its label. */
static void a_tpm_only_event_is_the_references(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    log_pair_find(&p.tpm, 9, EV_EVENT_TAG)->digest[0] ^= 1;
    log_pair_refused(&p, SITUS_MISMATCH, "pcr9");
    start(&p);
    log_pair_insert(&p.tpm, p.tpm.n, *log_pair_find(&p.tpm, 9, EV_EVENT_TAG));
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr9");
    start(&p);
    log_pair_remove(&p.tpm, (size_t)(log_pair_find(&p.tpm, 9, EV_EVENT_TAG) - p.tpm.row));
    log_pair_refused(&p, SITUS_MISMATCH, "pcr9");
    log_pair_remove(&p.tpm, (size_t)(log_pair_find(&p.tpm, 9, EV_EVENT_TAG) - p.tpm.row));
    log_pair_refused(&p, SITUS_MISSING, "pcr9");
}

/* The stub's initrd in PCR 9 has the digest of the section in PCR 11: neither stands for the
 * other. */
static void equal_digests_of_two_registers_do_not_mix(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    struct log_pair_row *stub = log_pair_find(&p.tpm, 9, EV_EVENT_TAG) + 1; /* after the options */
    size_t section = 0;
    while (p.tpm.row[section].at != 11 || memcmp(p.tpm.row[section].digest, stub->digest, 48) != 0)
        section++;
    log_pair_remove(&p.tpm, section);
    log_pair_refused(&p, SITUS_MISSING, "pcr11");
}

/* A TD that measured another order than the TPM's log says. */
static void the_rtmr_decides_the_order(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    size_t gpt = (size_t)(log_pair_find(&p.tpm, 5, EV_EFI_GPT_EVENT) - p.tpm.row);
    struct log_pair_row row = p.tpm.row[gpt];
    log_pair_remove(&p.tpm, gpt); /* in PCR 5 it is still where it was */
    log_pair_insert(&p.tpm, gpt + 1, row);
    log_pair_refused(&p, SITUS_MISMATCH, "rtmr1");
}

static void a_tail_is_an_ordered_prefix_at_the_end(void **state)
{
    (void)state;
    static const struct span phases[] = {SPAN_LIT("enter-initrd"), SPAN_LIT("leave-initrd"),
                                         SPAN_LIT("ready")};
    struct log_pair p;
    for (size_t n = 0; n <= 3; n++) {
        start(&p);
        p.image.boot[11].tail = phases;
        p.image.boot[11].n_tail = 3;
        for (size_t i = 0; i < n; i++)
            log_pair_add(&p.tpm, 11, EV_IPL, phases[i], SPAN_LIT("any label"));
        accepted(&p);
        assert_int_equal(p.out.tpm_only, 2 + n);
    }
    log_pair_add(&p.tpm, 11, EV_IPL, phases[2], phases[2]); /* once more */
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr11");
    p.tpm.n -= 2;
    p.tpm.row[p.tpm.n - 1].at = 12; /* elsewhere */
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr12");
    p.tpm.n -= 1;
    log_pair_add(&p.tpm, 11, EV_IPL, phases[2], phases[2]); /* one left out */
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr11");
    p.tpm.n -= 1;
    log_pair_add(&p.tpm, 11, EV_IPL, SPAN_LIT("attacker"), phases[1]); /* N67: a label */
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr11");
    start(&p);
    p.image.boot[11].tail = phases;
    p.image.boot[11].n_tail = 3;
    size_t last = p.tpm.n; /* before the end of the list */
    while (p.tpm.row[last - 1].at != 11)
        last--;
    log_pair_insert(&p.tpm, last - 1, p.tpm.row[last - 1]);
    p.tpm.row[last - 1].at = 11;
    assert_true(digest(HASH_SHA384, phases[0], p.tpm.row[last - 1].digest));
    log_pair_refused(&p, SITUS_MISMATCH, "pcr11");
}

/* In both logs, before the last pair: n failures, each with its invocation or without. */
static void fail_to_leave(struct log_pair *p, size_t n, bool invocation)
{
    struct log_pair_log *const logs[] = {&p->tpm, &p->td};
    const uint32_t at[] = {5, 1};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < n; i++) {
            struct log_pair_log own = {.n = 0};
            log_pair_add(&own, at[k], EV_EFI_ACTION, SPAN_LIT(INVOCATION), SPAN_LIT(INVOCATION));
            log_pair_add(&own, at[k], EV_EFI_ACTION, SPAN_LIT(FAILURE), SPAN_LIT(FAILURE));
            log_pair_insert(logs[k], logs[k]->n - 2, own.row[1]);
            if (invocation)
                log_pair_insert(logs[k], logs[k]->n - 3, own.row[0]);
        }
}

/* RTMR1 of an honest boot has no one value where firmware may have to try again. */
static void failures_to_leave_boot_services_may_come_first(void **state)
{
    (void)state;
    struct log_pair p;
    for (size_t n = 0; n <= 8; n++)
        for (int invocation = 0; invocation < 2; invocation++) {
            start(&p);
            p.image.rtmr1_listed = true;
            fail_to_leave(&p, n, invocation);
            accepted(&p);
        }
    start(&p);
    p.image.rtmr1_listed = true;
    fail_to_leave(&p, 9, true);
    log_pair_bound(&p);
    expect_fail(p.c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, "rtmr1");
    start(&p);
    fail_to_leave(&p, 1, true); /* where the reference has a value, it is the value */
    log_pair_bound(&p);
    expect_fail(p.c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, "rtmr1");
}

static void a_failure_stands_before_the_last_pair_only(void **state)
{
    (void)state;
    static const size_t places[] = {0, 2}; /* from the end: after the pair; and in one log alone */
    for (size_t i = 0; i < 2; i++) {
        struct log_pair p;
        start(&p);
        p.image.rtmr1_listed = true;
        struct log_pair_log own = {.n = 0};
        log_pair_add(&own, 5, EV_EFI_ACTION, SPAN_LIT(FAILURE), SPAN_LIT(FAILURE));
        log_pair_insert(&p.tpm, p.tpm.n - places[i], own.row[0]);
        own.row[0].at = 1;
        if (i == 0)
            log_pair_insert(&p.td, p.td.n, own.row[0]);
        assert_false(log_pair_bound(&p));
        expect_fail(p.c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, "rtmr1");
    }
}

/* In both logs, at the end of PCR 5 and RTMR1. */
static void append(struct log_pair *p, const char *text)
{
    struct log_pair_log own = {.n = 0};
    struct log_pair_log *const logs[] = {&p->tpm, &p->td};
    for (size_t k = 0; k < 2; k++) {
        log_pair_add(&own, k ? 1 : 5, EV_EFI_ACTION, span_text(text), span_text(text));
        log_pair_insert(logs[k], logs[k]->n, own.row[k]);
    }
}

/* Who left boot services does not leave them again: what ran since then is not of the lists. */
static void after_success_there_is_no_other_attempt(void **state)
{
    (void)state;
    struct log_pair p;
    for (int invocation = 0; invocation < 2; invocation++) {
        start(&p);
        p.image.rtmr1_listed = true;
        append(&p, FAILURE);
        if (invocation)
            append(&p, INVOCATION);
        append(&p, "Exit Boot Services Returned with Success");
        assert_false(log_pair_bound(&p));
        expect_fail(p.c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, "rtmr1");
    }
}

/* Before another pair than the two of leaving boot services there is no attempt. */
static void a_failure_stands_before_its_own_pair(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    struct log_pair_log *const logs[] = {&p.tpm, &p.td};
    for (size_t k = 0; k < 2; k++) {
        struct log_pair_row *r = &logs[k]->row[logs[k]->n - 2];
        assert_true(span_equal(r->data, SPAN_LIT(INVOCATION)));
        assert_true(digest(HASH_SHA384, SPAN_LIT("another"), r->digest));
    }
    log_pair_refer(&p);
    p.image.rtmr1_listed = true;
    accepted(&p);
    fail_to_leave(&p, 1, false);
    assert_false(log_pair_bound(&p));
    expect_fail(p.c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, "rtmr1");
}

/* What RTMR0 has of PCR 7 and of PCR 1 is told by content. */
static void content_splits_rtmr0(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    struct log_pair_row *db = log_pair_find(&p.td, 0, EV_EFI_VARIABLE_DRIVER_CONFIG);
    db->type = EV_EFI_VARIABLE_BOOT; /* a label */
    accepted(&p);
    static uint8_t bytes[256];
    memcpy(bytes, db->data.p, db->data.n);
    bytes[32] ^= 1; /* another name, in data that is no longer what was hashed */
    db->data = span_of(bytes, db->data.n);
    log_pair_refused(&p, SITUS_MISMATCH, "pcr7");
    start(&p); /* a name of PCR 7 whose data are not what was hashed decides nothing either */
    db = log_pair_find(&p.td, 0, EV_EFI_VARIABLE_BOOT);
    db->data = log_pair_find(&p.td, 0, EV_EFI_VARIABLE_DRIVER_CONFIG)->data;
    accepted(&p);
    start(&p); /* unless the reference names it */
    memcpy(p.pcr7[p.image.n_pcr7++], log_pair_find(&p.td, 0, EV_EFI_VARIABLE_BOOT)->digest, 48);
    log_pair_refused(&p, SITUS_MISSING, "pcr7");
}

/* UEFI_VARIABLE_DATA of this name, with a value and more bytes after it. */
static struct span variable(uint8_t bytes[128], const char *name, uint8_t value_size, size_t more)
{
    size_t n = strlen(name);
    memset(bytes, 0, 128);
    bytes[16] = (uint8_t)n;
    bytes[24] = value_size;
    for (size_t i = 0; i < n; i++)
        bytes[32 + 2 * i] = (uint8_t)name[i];
    return span_of(bytes, 32 + 2 * n + value_size + more);
}

/* Newer firmware hashes the whole variable also for PCR 1: the name tells, and it is the whole
 * one. */
static void other_variables_are_pcr_1s(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t value_size;
        size_t more;
        bool pcr7;
    } row[] = {{"BootOrder", 2, 0, false}, {"SecureBootX", 1, 0, false},
               {"SecureBoo", 1, 0, false}, {"d", 1, 0, false},
               {"dbx", 9, 1, false},       {"dbx", 9, 0, true},
               {"MokList", 4, 0, false},   {"MokListTrusted", 0, 0, true}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (int at7 = 0; at7 < 2; at7++) {
            uint8_t bytes[128];
            struct span data = variable(bytes, row[i].name, row[i].value_size, row[i].more);
            struct log_pair_log own = {.n = 0};
            struct log_pair p;
            start(&p);
            log_pair_add(&own, 0, EV_EFI_VARIABLE_BOOT2, data, data);
            log_pair_add(&own, at7 ? 7 : 1, EV_EFI_VARIABLE_BOOT2, data, data);
            log_pair_insert(&p.td, 2, own.row[0]);
            log_pair_insert(&p.tpm, 1, own.row[1]);
            log_pair_refer(&p);
            if (log_pair_bound(&p) != (row[i].pcr7 == at7))
                fail_msg("%s in PCR %d", row[i].name, at7 ? 7 : 1);
        }
}

/* An event whose digest is that of its data is not PCR 7's for that alone, nor is a second
 * separator. */
static void only_the_first_separator_is_pcr_7s(void **state)
{
    (void)state;
    static const uint8_t zero4[4];
    struct log_pair p;
    start(&p);
    struct log_pair_log own = {.n = 0};
    log_pair_add(&own, 0, EV_IPL, SPAN_LIT("text"), SPAN_LIT("text"));
    log_pair_add(&own, 1, EV_IPL, SPAN_LIT("text"), SPAN_LIT("text"));
    log_pair_insert(&p.td, 2, own.row[0]); /* before the separator */
    log_pair_insert(&p.tpm, 1, own.row[1]);
    log_pair_refer(&p);
    accepted(&p);
    own.n = 0;
    log_pair_add(&own, 0, EV_SEPARATOR, SPAN_ARR(zero4), SPAN_ARR(zero4));
    log_pair_add(&own, 1, EV_SEPARATOR, SPAN_ARR(zero4), SPAN_ARR(zero4));
    size_t end = p.td.n;
    while (p.td.row[end - 1].at != 0)
        end--;
    log_pair_insert(&p.td, end, own.row[0]);
    end = (size_t)(log_pair_find(&p.tpm, 1, EV_SEPARATOR) - p.tpm.row);
    log_pair_insert(&p.tpm, end, own.row[1]);
    log_pair_refer(&p);
    accepted(&p);
    p.tpm.row[end].at = 7; /* as if it were */
    assert_false(log_pair_bound(&p));
}

static void pcr_1_ends_in_its_separator(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    struct log_pair_row *r = log_pair_find(&p.tpm, 1, EV_SEPARATOR);
    r->digest[0] ^= 1;
    log_pair_refused(&p, SITUS_MISSING, "pcr1");
    start(&p);
    log_pair_remove(&p.tpm, (size_t)(log_pair_find(&p.tpm, 1, EV_SEPARATOR) - p.tpm.row));
    assert_false(log_pair_bound(&p));
    assert_int_equal(p.c.findings.v[CHECK_BIND_MEASUREMENTS].outcome, OUTCOME_FAIL);
}

static void pcr_0_must_go_with_the_firmware(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    log_pair_find(&p.tpm, 0, EV_S_CRTM_VERSION)->digest[0] ^= 1;
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr0.sha384");
    start(&p);
    p.pcr0_word = span_of(NULL, 0);
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr0.sha384");
    start(&p); /* a value that goes with an MRTD, this one's and another's */
    char pair[194];
    text_hex(pair, 97, SPAN_ARR(p.image.mrtd));
    pair[96] = '=';
    memcpy(pair + 97, p.pcr0, 97);
    p.pcr0_word = span_text(pair);
    accepted(&p);
    pair[95] ^= 1;
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr0.sha384");
    pair[95] ^= 1;
    pair[192] ^= 1;
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr0.sha384");
}

static void the_labs_firmware_counts_under_a_simulated_anchor(void **state)
{
    (void)state;
    static const struct anchor real = {.name = "real"};
    struct log_pair p;
    start(&p);
    p.c.td.authority = &real;
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "ref.guest.images.profile");
}

static void without_lists_or_profile_nothing_is_compared(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    p.image.has_boot = false;
    assert_false(log_pair_bound(&p));
    assert_int_equal(p.c.findings.v[CHECK_BIND_MEASUREMENTS].outcome, OUTCOME_NOT_RUN);
    start(&p);
    p.image.profile = PROFILE_COUNT;
    assert_false(log_pair_bound(&p));
    assert_int_equal(p.c.findings.v[CHECK_BIND_MEASUREMENTS].outcome, OUTCOME_NOT_RUN);
    start(&p);
    p.image.rtmr[3][0] ^= 1;
    assert_false(log_pair_bound(&p)); /* no image matches: no lists */
    assert_int_equal(p.c.findings.v[CHECK_BIND_MEASUREMENTS].outcome, OUTCOME_NOT_RUN);
}

static void a_register_that_no_log_explains_cannot_be_compared(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    for (uint32_t i = 0; i < 3; i++) {
        p.rtmrs = 7 & ~(1u << i);
        log_pair_refused(&p, SITUS_NOT_ALLOWED, "log.rtmr.registers");
    }
    p.rtmrs = 0;
    assert_false(log_pair_bound(&p));
    assert_int_equal(p.c.findings.v[CHECK_BIND_MEASUREMENTS].outcome, OUTCOME_NOT_RUN);
}

static void every_pcr_of_the_guest_set_is_needed(void **state)
{
    (void)state;
    struct log_pair p;
    start(&p);
    for (size_t i = 0; i < 14; i++) {
        start(&p);
        p.pcrs[i] = p.pcrs[--p.n_pcrs];
        log_pair_refused(&p, SITUS_NOT_ALLOWED, "log.pcr.registers");
    }
}

/* The real CCEL of a GCE TDX machine; the TPM's side is made from it, in the places of Google's
 * firmware in a TD. */
static void a_real_ccel_is_bound_to_its_boot(void **state)
{
    (void)state;
    vectors_need();
    static const uint8_t zero4[4];
    struct log_pair p;
    struct events ccel = make_log_load(vectors_read("tdx/gcp-cos113/ccel_data.dat"), LOG_CCEL);
    log_pair_start(&p);
    log_pair_load(&p.td, &ccel);
    for (size_t i = 2; i < p.td.n; i++) {
        struct log_pair_row r = p.td.row[i];
        bool separator = memcmp(r.digest, boot_separator, 48) == 0;
        for (uint32_t pcr = 0; pcr < 7 && separator && r.at == 1; pcr++)
            log_pair_add(&p.tpm, pcr, EV_SEPARATOR, SPAN_ARR(zero4), SPAN_ARR(zero4));
        if (separator && r.at == 1)
            continue;
        r.at = r.at == 0
                   ? (r.type == EV_PLATFORM_CONFIG_FLAGS || r.type == EV_EFI_VARIABLE_BOOT) ? 1 : 7
               : r.at == 1 ? 2
                           : 8;
        log_pair_insert(&p.tpm, p.tpm.n, r);
    }
    log_pair_refer(&p);
    accepted(&p);
    assert_int_equal(p.out.shared, 41); /* 43, less HOB and CFV */
    p.td.row[5].digest[0] ^= 1;
    assert_false(log_pair_bound(&p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_boot_is_accepted),
        cmocka_unit_test(an_event_of_another_pcr_is_refused),
        cmocka_unit_test(an_event_in_pcr_13_is_refused),
        cmocka_unit_test(a_tpm_only_event_is_the_references),
        cmocka_unit_test(equal_digests_of_two_registers_do_not_mix),
        cmocka_unit_test(the_rtmr_decides_the_order),
        cmocka_unit_test(a_tail_is_an_ordered_prefix_at_the_end),
        cmocka_unit_test(failures_to_leave_boot_services_may_come_first),
        cmocka_unit_test(a_failure_stands_before_the_last_pair_only),
        cmocka_unit_test(after_success_there_is_no_other_attempt),
        cmocka_unit_test(a_failure_stands_before_its_own_pair),
        cmocka_unit_test(content_splits_rtmr0),
        cmocka_unit_test(other_variables_are_pcr_1s),
        cmocka_unit_test(only_the_first_separator_is_pcr_7s),
        cmocka_unit_test(pcr_1_ends_in_its_separator),
        cmocka_unit_test(pcr_0_must_go_with_the_firmware),
        cmocka_unit_test(the_labs_firmware_counts_under_a_simulated_anchor),
        cmocka_unit_test(without_lists_or_profile_nothing_is_compared),
        cmocka_unit_test(a_register_that_no_log_explains_cannot_be_compared),
        cmocka_unit_test(every_pcr_of_the_guest_set_is_needed),
        cmocka_unit_test(a_real_ccel_is_bound_to_its_boot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
