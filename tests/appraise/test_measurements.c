/*
 * appraise/measurements: the RTMR-PCR projection. No public pair of a TDX quote and a vTPM quote of
 * one boot exists, so the vTPM's side is made from the real CCEL of a GCE TDX machine; its PCR 0 is
 * the real one of another.
 */
#include "support/log_pair.h"
#include "support/make_log.h"
#include "support/test.h"
#include "support/vectors.h"

#include "appraise/logs.h"
#include "base/text.h"

#define ROWS LOG_PAIR_ROWS

static const uint8_t zero4[4];

/* Where GCE's firmware, shim and grub extend an event that the CCEL has in an RTMR. On GCE TDX the
 * boot application and partition events are in PCR 2 (quirk), elsewhere in PCR 4 and 5. */
static uint32_t pcr_of(const struct events *ccel, const struct event *e, bool quirk)
{
    struct span data = events_data(ccel, e);
    switch (e->type) {
    case EV_EFI_VARIABLE_DRIVER_CONFIG:
    case EV_EFI_VARIABLE_AUTHORITY:
    case EV_SEPARATOR:
        return 7;
    case EV_PLATFORM_CONFIG_FLAGS:
    case EV_EFI_VARIABLE_BOOT:
        return 1;
    case EV_EFI_BOOT_SERVICES_APPLICATION:
        return quirk ? 2 : 4;
    case EV_EFI_GPT_EVENT:
        return quirk ? 2 : 5;
    case EV_EFI_ACTION:
        return span_starts(data, SPAN_LIT("Exit")) ? 5 : 4;
    default:
        return span_starts(data, SPAN_LIT("MokList"))          ? 14
               : span_starts(data, SPAN_LIT("grub_cmd"))       ? 8
               : span_starts(data, SPAN_LIT("kernel_cmdline")) ? 8
                                                               : 9;
    }
}

static void start(struct log_pair *p, bool quirk)
{
    static const uint8_t version[48] = "G\0C\0E\0 \0V\0i\0r\0t\0u\0a\0l\0 \0F\0i\0r\0m\0w\0a\0r\0e"
                                       "\0 \0v\0002";
    static const uint8_t info[32] = "GCE NonHostInfo\0\3";
    log_pair_start(p);
    registers_of_quote(&p->c.td, vectors_read("tdx/gcp-cos113/quote.bin"));
    p->ccel = make_log_load(vectors_read("tdx/gcp-cos113/ccel_data.dat"), LOG_CCEL);
    log_pair_add(p, 0, EV_S_CRTM_VERSION, SPAN_ARR(version), SPAN_ARR(version));
    log_pair_add(p, 0, EV_NONHOST_INFO, SPAN_ARR(info), SPAN_ARR(info));
    for (uint32_t pcr = 0; pcr < 7; pcr++)
        log_pair_add(p, pcr, EV_SEPARATOR, SPAN_ARR(zero4), SPAN_ARR(zero4));
    for (size_t i = 2; i < p->ccel.n; i++) { /* 0 and 1: TD HOB and CFV */
        const struct event *e = &p->ccel.v[i];
        if (e->type == EV_SEPARATOR && e->index != 1)
            continue;
        struct log_pair_row *r = log_pair_add(p, pcr_of(&p->ccel, e, quirk), e->type,
                                              SPAN_ARR(zero4), events_data(&p->ccel, e));
        memcpy(r->digest, events_digest(&p->ccel, e, 0).p, 48);
    }
    memcpy(p->image.mrtd, p->c.td.v[CLAIM_MRTD].bytes.p, 48);
    for (size_t i = 0; i < 4; i++)
        memcpy(p->image.rtmr[i], p->c.td.v[CLAIM_RTMR0 + i].bytes.p, 48);
    p->image.profile = SPAN_LIT("gcp");
}

static void one_boot_is_accepted(void **state)
{
    (void)state;
    vectors_need();
    for (int quirk = 0; quirk < 2; quirk++) {
        struct log_pair p;
        start(&p, quirk);
        if (!log_pair_bound(&p)) {
            const struct situs_err *why = p.c.findings.v[CHECK_BIND_MEASUREMENTS].why;
            fail_msg("%s: expected %s, got %s", why->field, why->expected, why->got);
        }
        assert_int_equal(p.out.shared, 40); /* 43, less HOB, CFV and a separator */
        assert_int_equal(p.out.td_only, 2);
        assert_int_equal(p.out.tpm_only, 0);
    }
}

static void any_changed_event_is_refused(void **state)
{
    (void)state;
    vectors_need();
    for (int quirk = 0; quirk < 2; quirk++) {
        struct log_pair p;
        start(&p, quirk);
        for (size_t i = 0; i < p.n; i++) {
            p.row[i].digest[i % 48] ^= (uint8_t)(1 << i % 8);
            assert_false(log_pair_bound(&p));
            assert_int_equal(p.c.findings.v[CHECK_BIND_MEASUREMENTS].outcome, OUTCOME_FAIL);
            p.row[i].digest[i % 48] ^= (uint8_t)(1 << i % 8);
        }
        assert_true(log_pair_bound(&p));
    }
}

static void any_missing_event_is_refused(void **state)
{
    (void)state;
    vectors_need();
    for (int quirk = 0; quirk < 2; quirk++)
        for (size_t i = 0, n = ROWS; i < n; i++) {
            struct log_pair p;
            start(&p, quirk);
            n = p.n;
            memmove(&p.row[i], &p.row[i + 1], (--p.n - i) * sizeof *p.row);
            assert_false(log_pair_bound(&p));
            assert_int_equal(p.c.findings.v[CHECK_BIND_MEASUREMENTS].outcome, OUTCOME_FAIL);
        }
}

static void any_repeated_event_is_refused(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p, true);
    for (size_t i = 0, n = p.n; i < n; i++) {
        p.row[n] = p.row[i];
        p.n = n + 1;
        assert_false(log_pair_bound(&p));
        assert_int_equal(p.c.findings.v[CHECK_BIND_MEASUREMENTS].outcome, OUTCOME_FAIL);
    }
}

static void any_two_exchanged_events_of_a_pcr_are_refused(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p, true);
    for (size_t i = 0; i < p.n; i++) {
        size_t k = i + 1;
        while (k < p.n && p.row[k].pcr != p.row[i].pcr)
            k++;
        /* a separator's place in PCR 1-6 is not compared, and equal events have no order */
        if (k == p.n || (p.row[i].type == EV_SEPARATOR && p.row[i].pcr < 7 && p.row[i].pcr) ||
            memcmp(p.row[i].digest, p.row[k].digest, 48) == 0)
            continue;
        struct log_pair_row moved = p.row[i];
        p.row[i] = p.row[k];
        p.row[k] = moved;
        assert_false(log_pair_bound(&p));
        p.row[k] = p.row[i];
        p.row[i] = moved;
    }
    assert_true(log_pair_bound(&p));
}

static void an_event_in_another_class_is_refused(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p, true);
    log_pair_find(&p, 14, EV_IPL)->pcr = 2; /* measured, but where RTMR1 says that nothing was */
    log_pair_refused(&p, SITUS_MISSING, "pcr2");
}

/* R13: an event that RTMR2 has and the TPM has not, written into the log under an unquoted PCR. */
static void filler_in_an_unquoted_pcr_does_not_count(void **state)
{
    (void)state;
    vectors_need();
    static const uint32_t unquoted[] = {10, 13, 15};
    for (size_t i = 0; i < 3; i++) {
        struct log_pair p;
        start(&p, true);
        log_pair_find(&p, 14, EV_IPL)->pcr = unquoted[i];
        log_pair_refused(&p, SITUS_MISSING, "rtmr2");
        p.pcrs[p.n_pcrs++] = unquoted[i]; /* quoted, it is evidence */
        assert_true(log_pair_bound(&p));
    }
}

/* R13: what only the TPM measured never stands for a reference value; it is counted, not used. */
static void linux_stub_events_may_be_tpm_only_once_each(void **state)
{
    (void)state;
    vectors_need();
    static const char options[] = "\xed\x22\x3b\x8f\x1a\0\0\0LOADED_IMAGE::LoadOptions";
    static const char initrd[] = "\xec\x22\x3b\x8f\x0d\0\0\0Linux initrd";
    struct log_pair p;
    start(&p, true);
    log_pair_add(&p, 9, EV_EVENT_TAG, SPAN_LIT("command line"), SPAN_ARR(options));
    log_pair_add(&p, 9, EV_EVENT_TAG, SPAN_LIT("initrd"), SPAN_ARR(initrd));
    assert_true(log_pair_bound(&p));
    assert_int_equal(p.out.tpm_only, 2);
    assert_int_equal(p.out.shared, 40);
    log_pair_add(&p, 9, EV_EVENT_TAG, SPAN_LIT("another initrd"), SPAN_ARR(initrd));
    log_pair_refused(&p, SITUS_MISSING, "pcr9");

    start(&p, true);
    log_pair_add(&p, 9, EV_IPL, SPAN_LIT("initrd"), SPAN_ARR(initrd)); /* another type */
    log_pair_refused(&p, SITUS_MISSING, "pcr9");
    start(&p, true);
    log_pair_add(&p, 8, EV_EVENT_TAG, SPAN_LIT("initrd"), SPAN_ARR(initrd)); /* another PCR */
    log_pair_refused(&p, SITUS_MISSING, "pcr8");
}

static void what_only_the_tpm_measures_stands_for_nothing(void **state)
{
    (void)state;
    vectors_need();
    static const char initrd[] = "\xec\x22\x3b\x8f\x0d\0\0\0Linux initrd";
    struct log_pair p;
    start(&p, true);
    struct log_pair_row *r = log_pair_find(&p, 9, EV_IPL), file = *r;
    r->type = EV_EVENT_TAG; /* the only event with this digest, and the TD has it */
    r->data = SPAN_ARR(initrd);
    log_pair_refused(&p, SITUS_MISSING, "rtmr2");
    p.row[p.n++] = file;
    p.row[p.n - 1].pcr = 12;
    assert_true(log_pair_bound(&p));
    assert_int_equal(p.out.tpm_only, 1);
    assert_int_equal(p.out.shared, 40);
}

static void a_tail_is_authentic_text_at_the_end(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p, true);
    log_pair_add(&p, 11, EV_IPL, SPAN_LIT("enter-initrd"), SPAN_LIT("enter-initrd"));
    log_pair_add(&p, 11, EV_IPL, SPAN_LIT("leave-initrd"), SPAN_LIT("leave-initrd"));
    assert_true(log_pair_bound(&p));
    assert_int_equal(p.out.tpm_only, 2);
    struct log_pair_row *last = &p.row[p.n - 1];
    assert_true(digest(HASH_SHA384, SPAN_LIT("attacker's module"), last->digest));
    log_pair_refused(&p, SITUS_MISSING, "pcr11"); /* N67: the digest is not the data's hash */

    start(&p, true);
    log_pair_add(&p, 11, EV_IPL, SPAN_LIT("attacker's module"), SPAN_LIT("attacker's module"));
    log_pair_refused(&p, SITUS_MISSING, "pcr11");

    start(&p, true);
    log_pair_add(&p, 11, EV_IPL, SPAN_LIT("ready"), SPAN_LIT("ready"));
    struct log_pair_row *moved =
        log_pair_find(&p, 14, EV_IPL); /* an honest event, but after the tail */
    p.row[p.n] = *moved;
    p.row[p.n++].pcr = 11;
    memmove(moved, moved + 1, (size_t)(&p.row[--p.n] - moved) * sizeof *moved);
    log_pair_refused(&p, SITUS_MISSING, "pcr11");
}

static void separators_have_their_only_good_digest(void **state)
{
    (void)state;
    vectors_need();
    for (uint32_t pcr = 1; pcr < 8; pcr++) {
        struct log_pair p;
        start(&p, true);
        struct log_pair_row *r = log_pair_find(&p, pcr, EV_SEPARATOR);
        assert_true(digest(HASH_SHA384, SPAN_LIT("\xff\xff\xff\xff"), r->digest));
        log_pair_refused(&p, SITUS_MISMATCH, "separator");
        r->type = EV_IPL; /* and the label does not help */
        assert_false(log_pair_bound(&p));
    }
}

/* Gives event i of the CCEL another type, which no register authenticates. */
static void relabel(struct log_pair *p, size_t i, uint32_t type)
{
    static uint8_t bytes[32768];
    size_t at = p->ccel.v[i].at + 4;
    memcpy(bytes, p->ccel.log.p, p->ccel.log.n);
    for (size_t b = 0; b < 4; b++)
        bytes[at + b] = (uint8_t)(type >> 8 * b);
    p->ccel = make_log_load(span_of(bytes, p->ccel.log.n), LOG_CCEL);
}

static void false_labels_in_the_ccel_are_refused(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    for (size_t i = 0; i < 2; i++) { /* TD HOB and CFV, the events that no PCR has */
        start(&p, true);
        relabel(&p, i, EV_IPL);
        log_pair_refused(&p, SITUS_MISMATCH, "rtmr0");
    }
    for (size_t i = 2; i < 43; i++) { /* all but the two separators, 7 and 15 */
        start(&p, true);
        if (p.ccel.v[i].type == EV_SEPARATOR)
            continue;
        relabel(&p, i, EV_SEPARATOR);
        log_pair_refused(&p, SITUS_MISMATCH, "separator");
    }
}

static void pcr_0_must_go_with_the_firmware(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p, true);
    uint8_t info[32] = "GCE NonHostInfo\0\2"; /* SEV-SNP instead of TDX */
    assert_true(digest(HASH_SHA384, SPAN_ARR(info), p.row[1].digest));
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr0.sha384");

    struct span word = span_of(NULL, 0); /* the policy may list the value */
    char hex[97];
    strcpy(hex, p.c.findings.v[CHECK_BIND_MEASUREMENTS].why->got);
    word = span_text(hex);
    p.c.policy.v[PARAM_BIND_PCR0] = (struct param_value){.given = true, .words = &word, .n = 1};
    assert_true(log_pair_bound(&p));
}

static void an_unknown_mrtd_is_refused(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p, true);
    p.profile = SPAN_LIT("gcp");
    p.image.mrtd[0] ^= 1;
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "mrtd");
}

static void the_profile_comes_from_the_policy(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p, true);
    p.image.profile = SPAN_LIT("none such");
    log_pair_refused(&p, SITUS_UNKNOWN, "bind.measurements.profile");
    p.profile = SPAN_LIT("gcp"); /* the row's own word goes first */
    assert_true(log_pair_bound(&p));
    p.profile = SPAN_LIT("ovmf"); /* other PCR 0 */
    log_pair_refused(&p, SITUS_NOT_ALLOWED, "pcr0.sha384");
    p.profile = span_of(NULL, 0);
    p.image.rtmr[3][0] ^= 1;
    assert_false(log_pair_bound(&p)); /* no image matches: no profile */
    assert_int_equal(p.c.findings.v[CHECK_BIND_MEASUREMENTS].outcome, OUTCOME_NOT_RUN);
}

static void a_register_that_no_log_explains_cannot_be_compared(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p, true);
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
    vectors_need();
    static const uint32_t needed[] = {0, 1, 2, 4, 5, 7, 8, 9, 14}; /* the others hold nothing */
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        struct log_pair p;
        start(&p, false);
        for (size_t k = 0; k < p.n_pcrs; k++)
            if (p.pcrs[k] == needed[i])
                p.pcrs[k] = p.pcrs[--p.n_pcrs];
        if (needed[i] == 2) /* without the quirk PCR 2 has a separator only */
            assert_true(log_pair_bound(&p));
        else
            assert_false(log_pair_bound(&p));
    }
}

static void the_older_firmware_with_two_separators_is_refused(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p, true);
    struct events other =
        make_log_load(vectors_read("tdx/gcp-cos113/ccel_dupe_separator.bin"), LOG_CCEL);
    p.ccel = other;
    log_pair_measure(&p);
    assert_false(log_pair_bound(&p));
    assert_int_equal(p.c.findings.v[CHECK_LOG_RTMR].outcome, OUTCOME_PASS);
    assert_int_equal(p.c.findings.v[CHECK_BIND_MEASUREMENTS].outcome, OUTCOME_FAIL);
}

/* A TD and a TPM that share hardly anything, as on platforms that measure to one of them only. */
static void a_small_overlap_is_refused(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p, true);
    static struct make_log m;
    make_log_start(&m, (const enum hash[]){HASH_SHA384, HASH_NONE});
    make_log_event(&m, 1, EV_EFI_HANDOFF_TABLES2, SPAN_LIT("hob"), SPAN_LIT("hob"));
    make_log_event(&m, 1, EV_EFI_PLATFORM_FIRMWARE_BLOB2, SPAN_LIT("cfv"), SPAN_LIT("cfv"));
    make_log_event(&m, 1, EV_SEPARATOR, SPAN_ARR(zero4), SPAN_ARR(zero4));
    make_log_event(&m, 2, EV_SEPARATOR, SPAN_ARR(zero4), SPAN_ARR(zero4));
    p.ccel = make_log_read(&m, LOG_CCEL);
    struct events own = p.ccel;
    static uint8_t bytes[4096];
    memcpy(bytes, own.log.p, own.log.n); /* log_pair_bound() builds its own log */
    p.ccel.log.p = bytes;
    log_pair_measure(&p);
    p.n = 9; /* PCR 0 and the separators of PCR 0-6 */
    log_pair_add(&p, 7, EV_SEPARATOR, SPAN_ARR(zero4), SPAN_ARR(zero4));
    log_pair_refused(&p, SITUS_NOT_MEASURED, "overlap");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_boot_is_accepted),
        cmocka_unit_test(any_changed_event_is_refused),
        cmocka_unit_test(any_missing_event_is_refused),
        cmocka_unit_test(any_repeated_event_is_refused),
        cmocka_unit_test(any_two_exchanged_events_of_a_pcr_are_refused),
        cmocka_unit_test(an_event_in_another_class_is_refused),
        cmocka_unit_test(filler_in_an_unquoted_pcr_does_not_count),
        cmocka_unit_test(linux_stub_events_may_be_tpm_only_once_each),
        cmocka_unit_test(what_only_the_tpm_measures_stands_for_nothing),
        cmocka_unit_test(a_tail_is_authentic_text_at_the_end),
        cmocka_unit_test(separators_have_their_only_good_digest),
        cmocka_unit_test(false_labels_in_the_ccel_are_refused),
        cmocka_unit_test(pcr_0_must_go_with_the_firmware),
        cmocka_unit_test(an_unknown_mrtd_is_refused),
        cmocka_unit_test(the_profile_comes_from_the_policy),
        cmocka_unit_test(a_register_that_no_log_explains_cannot_be_compared),
        cmocka_unit_test(every_pcr_of_the_guest_set_is_needed),
        cmocka_unit_test(the_older_firmware_with_two_separators_is_refused),
        cmocka_unit_test(a_small_overlap_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
