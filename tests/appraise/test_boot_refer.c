/* appraise/boot_refer: what is written from an honest boot is its reference, and is met by it. */
#include "support/boots.h"
#include "support/test.h"
#include "support/vectors.h"

#include "appraise/boot_align.h"
#include "appraise/boot_refer.h"
#include "appraise/boot_walk.h"
#include "base/text.h"

static struct log_pair p;
static struct reference written;
static uint8_t memory[1 << 22];
static struct situs_err err;

static bool refer(bool rtmr1_open, bool gpt_open)
{
    struct events tcg = log_pair_written(&p.tpm, LOG_PCR);
    struct events ccel = log_pair_written(&p.td, LOG_CCEL);
    struct arena a = arena_new(memory, sizeof memory);
    err = (struct situs_err){0};
    written = p.image;
    written.n_pcr7 = 0;
    return boot_refer_write(&written, &(struct boot_refer){&tcg, &ccel, rtmr1_open, gpt_open}, &a,
                            &err);
}

static void must_refer(bool rtmr1_open, bool gpt_open)
{
    if (!refer(rtmr1_open, gpt_open))
        fail_msg("%s: expected %s, got %s", err.field, err.expected, err.got);
}

static bool bound_as_written(void)
{
    p.image = written;
    return log_pair_bound(&p);
}

static void expect_lists(const struct reference *want)
{
    for (uint32_t pcr = 0; pcr <= BOOT_LAST; pcr++) {
        const struct boot_list *a = &want->boot[pcr], *b = &written.boot[pcr];
        assert_int_equal(a->n, b->n);
        for (size_t i = 0; i < a->n; i++) {
            assert_memory_equal(a->v[i].digest, b->v[i].digest, 48);
            assert_int_equal(a->v[i].tpm_only, b->v[i].tpm_only);
        }
    }
}

/* Each digest of PCR 7 once, but for those that PCR 1 has too (the separator's). */
static void expect_pcr7(void)
{
    size_t n = 0;
    for (size_t i = 0; i < p.tpm.n; i++) {
        const struct log_pair_row *r = &p.tpm.row[i];
        bool again = r->at != 7, named = false;
        for (size_t k = 0; k < p.tpm.n; k++)
            again |= memcmp(p.tpm.row[k].digest, r->digest, 48) == 0 &&
                     (p.tpm.row[k].at == 1 || (p.tpm.row[k].at == 7 && k < i));
        for (size_t k = 0; k < written.n_pcr7; k++)
            named |= memcmp(written.pcr7[k], r->digest, 48) == 0;
        assert_true(again || named);
        n += !again;
    }
    assert_int_equal(written.n_pcr7, n);
}

/* Who sends the CCEL writes its data: an event of PCR 7 of which they no longer tell stays PCR 7's,
 * and no TPM that has it in PCR 1 instead is bound. */
static void pcr_7_does_not_rest_on_data(void **state)
{
    (void)state;
    boots_start(&p, 0);
    must_refer(false, false);
    p.image = written;
    struct log_pair_row *td = log_pair_find(&p.td, 0, EV_EFI_VARIABLE_DRIVER_CONFIG);
    td->data = SPAN_LIT("untold");
    assert_true(log_pair_bound(&p));
    for (size_t i = 0; i < p.tpm.n; i++)
        if (p.tpm.row[i].at == 7 && memcmp(p.tpm.row[i].digest, td->digest, 48) == 0) {
            struct log_pair_row moved = p.tpm.row[i];
            moved.at = 1;
            log_pair_remove(&p.tpm, i);
            for (size_t to = 0; to <= p.tpm.n; to++) { /* wherever PCR 1 has it */
                log_pair_insert(&p.tpm, to, moved);
                log_pair_refused(&p, SITUS_MISMATCH, "pcr7");
                log_pair_remove(&p.tpm, to);
            }
            return;
        }
    fail_msg("no such event in PCR 7");
}

/* What a separator's digest is of is known, whatever the CCEL says: one that PCR 7 has does not
 * become PCR 1's by other data. */
static void a_separator_cannot_be_denied(void **state)
{
    (void)state;
    boots_start(&p, 0);
    log_pair_find(&p.td, 0, EV_SEPARATOR)->data = SPAN_LIT("untold");
    log_pair_refused(&p, SITUS_MISMATCH, "pcr7");
    struct log_pair_row moved = *log_pair_find(&p.tpm, 7, EV_SEPARATOR);
    log_pair_remove(&p.tpm, (size_t)(log_pair_find(&p.tpm, 7, EV_SEPARATOR) - p.tpm.row));
    moved.at = 1;
    for (size_t i = 0; i <= p.tpm.n; i++) {
        log_pair_insert(&p.tpm, i, moved);
        log_pair_refused(&p, SITUS_MISMATCH, "pcr7");
        log_pair_remove(&p.tpm, i);
    }
    boots_start(&p, 0); /* a name cannot be taken back */
    log_pair_find(&p.td, 0, EV_SEPARATOR)->data = SPAN_LIT("untold");
    memcpy(p.pcr7[p.image.n_pcr7++], boot_separator, 48);
    assert_true(log_pair_bound(&p));
}

/* This boot did not leave boot services at once; its reference is that of a boot that does. */
#define GCP_SNP_UBUNTU 4

static bool without_failures(struct log_pair_log *l)
{
    size_t before = l->n;
    for (size_t i = l->n; i > 0; i--)
        if (boot_walk_exit(SPAN_ARR(l->row[i - 1].digest)) == BOOT_EXIT_FAILURE)
            log_pair_remove(l, i - 1);
    return l->n == before;
}

/* Logs may lack banks of their header: an event that lacks SHA-384 is none of any list. */
static void an_event_without_the_bank_is_in_no_list(void **state)
{
    (void)state;
    static struct event v[LIMIT_LOG_EVENTS];
    static struct boot_walk walk;
    boots_start(&p, 0);
    struct events tcg = log_pair_written(&p.tpm, LOG_PCR);
    const struct events ccel = log_pair_written(&p.td, LOG_CCEL);
    const struct event *whole = tcg.v;
    assert_true(boot_walk_run(&walk, &p.image, &tcg, &(struct boot_walk_asked){0}));
    tcg.v = v;
    for (size_t i = 0; i < tcg.n; i++) {
        uint32_t pcr = events_register(&tcg, &whole[i]);
        bool quoted = pcr <= BOOT_LAST && BOOT_QUOTED >> pcr & 1;
        bool listed = pcr <= BOOT_LAST && BOOT_PCRS >> pcr & 1;
        struct arena a = arena_new(memory, sizeof memory);
        memcpy(v, whole, tcg.n * sizeof *v);
        v[i].digest[0] = 0;
        assert_int_equal(boot_walk_run(&walk, &p.image, &tcg, &(struct boot_walk_asked){0}),
                         !listed);
        written = p.image;
        err = (struct situs_err){0};
        if (boot_refer_write(&written, &(struct boot_refer){.tcg = &tcg, .ccel = &ccel}, &a, &err))
            assert_false(quoted);
        else
            expect_err(err, SITUS_MISSING, "event.digests", v[i].at);
    }
}

static void a_boot_leads_to_its_reference(void **state)
{
    (void)state;
    for (size_t i = 0; i < BOOTS; i++) {
        if (i == 1)
            vectors_need();
        boots_start(&p, i);
        must_refer(true, false);
        assert_true(written.rtmr1_listed && bound_as_written());
        boots_start(&p, i);
        must_refer(false, false);
        expect_pcr7();
        bool left_at_once = without_failures(&p.tpm);
        left_at_once = without_failures(&p.td) && left_at_once; /* both lose them */
        assert_int_equal(left_at_once, i != GCP_SNP_UBUNTU);
        assert_int_equal(written.rtmr1_listed, !left_at_once);
        assert_false(written.gpt_open);
        log_pair_refer(&p);
        expect_lists(&p.image);
        boots_start(&p, i);
        assert_true(bound_as_written());
    }
}

static void row(struct log_pair_log *l, uint32_t at, uint32_t type, const char *text)
{
    log_pair_add(l, at, type, span_text(text), span_text(text));
}

/* Linux's stub comes first, the image that holds the same initrd after it, and once more. */
static void equal_digests_are_told_apart(void **state)
{
    (void)state;
    boots_start(&p, 0);
    row(&p.tpm, 9, EV_EVENT_TAG, "the initrd");
    row(&p.tpm, 11, EV_IPL, "the initrd");
    row(&p.td, 2, EV_IPL, "the initrd");
    row(&p.tpm, 11, EV_IPL, "its signature");
    row(&p.td, 2, EV_IPL, "its signature");
    row(&p.tpm, 12, EV_IPL, "the initrd");
    must_refer(true, false);
    const struct boot_list *tag = &written.boot[9], *image = &written.boot[11];
    assert_true(tag->v[tag->n - 1].tpm_only);
    assert_false(image->v[image->n - 1].tpm_only || image->v[image->n - 2].tpm_only);
    assert_true(written.boot[12].v[written.boot[12].n - 1].tpm_only);
    log_pair_refer(&p); /* registers */
    memcpy(written.rtmr, p.image.rtmr, sizeof written.rtmr);
    assert_true(bound_as_written());
}

static void what_the_td_measured_alone_is_refused(void **state)
{
    static const uint32_t rtmrs[] = {1, 2};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        boots_start(&p, 0);
        row(&p.td, rtmrs[i], EV_IPL, "the TD's alone");
        assert_false(refer(false, false));
        assert_int_equal(err.code, SITUS_MISSING);
        assert_string_equal(err.part, "log.tdx, log.guest");
        assert_string_equal(err.field, i == 0 ? "rtmr1" : "rtmr2");
        assert_non_null(strstr(err.hint, "bare metal"));
    }
    boots_start(&p, 0); /* both have both, in another order */
    row(&p.td, 2, EV_IPL, "one");
    row(&p.td, 2, EV_IPL, "other");
    row(&p.tpm, 8, EV_IPL, "other");
    row(&p.tpm, 8, EV_IPL, "one");
    assert_false(refer(false, false));
    assert_string_equal(err.field, "rtmr2");
}

static void phases_at_the_end_are_the_tail(void **state)
{
    static const struct {
        const char *row[4];
        size_t listed;
        const char *first;
        size_t n_tail;
    } cases[] = {
        {{NULL}, 0, "enter-initrd", 6},
        {{"enter-initrd", "leave-initrd", "sysinit", "ready"}, 0, "enter-initrd", 6},
        {{"sysinit", "ready"}, 0, "sysinit", 4},
        {{"enter-initrd", "something", "leave-initrd", "sysinit"}, 2, "leave-initrd", 5},
        {{"enter-initrd", "enter-initrd"}, 1, "enter-initrd", 6},
        {{"enter-initrd", "sysinit"}, 1, "sysinit", 4},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        boots_start(&p, 0);
        size_t before = p.image.boot[11].n;
        for (size_t k = 0; k < 4 && cases[i].row[k]; k++)
            row(&p.tpm, 11, EV_IPL, cases[i].row[k]);
        must_refer(false, false);
        assert_int_equal(written.boot[11].n, before + cases[i].listed);
        assert_int_equal(written.boot[11].n_tail, cases[i].n_tail);
        assert_true(span_equal(written.boot[11].tail[0], span_text(cases[i].first)));
        for (uint32_t pcr = 0; pcr <= BOOT_LAST; pcr++)
            assert_true(pcr == 11 || written.boot[pcr].n_tail == 0);
        assert_true(bound_as_written());
    }
}

static size_t last_of(const struct log_pair_log *l, uint32_t at, const char *text)
{
    uint8_t hash[48];
    assert_true(digest(HASH_SHA384, span_text(text), hash));
    for (size_t i = l->n; i > 0; i--)
        if (l->row[i - 1].at == at && memcmp(l->row[i - 1].digest, hash, 48) == 0)
            return i - 1;
    fail_msg("no such row");
    return 0;
}

/* A failed attempt before the last pair, in both logs. */
static void fail_to_leave(size_t times)
{
    static const char *const texts[] = {"Exit Boot Services Returned with Failure",
                                        "Exit Boot Services Invocation"};
    for (size_t i = 0; i < 2 * times; i++) {
        struct log_pair_log *const logs[] = {&p.tpm, &p.td};
        for (size_t k = 0; k < 2; k++) {
            uint32_t at = k == 0 ? 5 : 1;
            struct log_pair_log one = {.n = 0};
            row(&one, at, EV_EFI_ACTION, texts[i % 2]);
            log_pair_insert(logs[k],
                            last_of(logs[k], at, "Exit Boot Services Returned with Success"),
                            one.row[0]);
        }
    }
}

static void failures_of_this_boot_are_left_out(void **state)
{
    (void)state;
    for (size_t times = 1; times <= 8; times += 7) {
        boots_start(&p, 0);
        fail_to_leave(times);
        must_refer(false, false);
        assert_true(written.rtmr1_listed);
        struct log_pair again = p;
        boots_start(&p, 0);
        expect_lists(&p.image);
        assert_true(bound_as_written()); /* a boot without them */
        p = again;
        assert_true(bound_as_written());
        boots_start(&p, 0);
        fail_to_leave(3);
        assert_true(bound_as_written());
    }
}

static void an_open_partition_table_is_found_by_its_content(void **state)
{
    uint8_t gpt[100 + 128] = "EFI PART";
    (void)state;
    gpt[84] = 128;
    gpt[92] = 1;
    boots_start(&p, 0);
    assert_false(refer(false, true));
    assert_int_equal(err.code, SITUS_MISSING);
    assert_string_equal(err.field, "gpt_open");
    log_pair_add(&p.tpm, 5, EV_EFI_GPT_EVENT, SPAN_LIT("other"), SPAN_ARR(gpt));
    log_pair_add(&p.td, 1, EV_EFI_GPT_EVENT, SPAN_LIT("other"), SPAN_ARR(gpt));
    assert_false(refer(false, true));
    struct log_pair_row r = {.at = 5, .type = EV_EFI_ACTION, .data = SPAN_ARR(gpt)};
    assert_true(digest(HASH_SHA384, r.data, r.digest));
    log_pair_insert(&p.tpm, 0, r);
    r.at = 1;
    log_pair_insert(&p.td, 0, r);
    must_refer(false, true);
    assert_true(written.rtmr1_listed && written.gpt_open);
    assert_memory_equal(written.gpt, r.digest, 48);
    log_pair_insert(&p.tpm, 0, (struct log_pair_row){.at = 4, .data = r.data});
    memcpy(p.tpm.row[0].digest, r.digest, 48);
    log_pair_insert(&p.td, 0, r);
    assert_false(refer(false, true)); /* two */
}

/* Short sequences of few digests, so that many are equal: what is kept is the TD's. */
static void what_is_kept_is_what_the_td_measured(void **state)
{
    static const char *const texts[] = {"a", "b", "c"};
    uint32_t seed = 20261130;
    (void)state;
    for (size_t round = 0; round < 400; round++) {
        log_pair_start(&p);
        for (size_t i = 0; i < 12; i++) {
            seed = seed * 1664525u + 1013904223u;
            const char *text = texts[(seed >> 24) % 3];
            bool tag = (seed >> 20) % 2;
            row(&p.tpm, tag ? 9 : 8, tag ? EV_EVENT_TAG : EV_IPL, text);
            if ((seed >> 16) % 3)
                row(&p.td, 2, EV_IPL, text);
        }
        static struct event_list tpm, td;
        static bool only[LIMIT_LOG_EVENTS];
        struct events tcg = log_pair_written(&p.tpm, LOG_PCR);
        struct events ccel = log_pair_written(&p.td, LOG_CCEL);
        struct arena a = arena_new(memory, sizeof memory);
        size_t missing, kept = 0;
        event_list_collect(&tpm, &tcg, 1u << 8 | 1u << 9);
        event_list_collect(&td, &ccel, 1u << 2);
        assert_true(boot_align(&tpm, &td, only, &missing, &a));
        for (size_t i = 0; i < tpm.n; i++)
            if (!only[tpm.v[i]]) {
                assert_true(kept < td.n);
                assert_true(span_equal(event_list_digest(&tpm, i), event_list_digest(&td, kept)));
                kept++;
            }
        assert_int_equal(kept, td.n);
    }
}

static void little_memory_is_an_error(void **state)
{
    (void)state;
    boots_start(&p, 0);
    struct events tcg = log_pair_written(&p.tpm, LOG_PCR);
    struct events ccel = log_pair_written(&p.td, LOG_CCEL);
    const struct boot_refer boot = {.tcg = &tcg, .ccel = &ccel};
    must_refer(false, false);
    size_t failed = 0;
    for (size_t room = 0; room < 64 * 1024; room += 64) {
        struct arena a = arena_new(memory, room);
        err = (struct situs_err){0};
        written = p.image;
        if (boot_refer_write(&written, &boot, &a, &err))
            continue;
        assert_int_equal(err.code, SITUS_NO_MEMORY);
        failed++;
    }
    assert_in_range(failed, 64, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcr_7_does_not_rest_on_data),
        cmocka_unit_test(a_separator_cannot_be_denied),
        cmocka_unit_test(equal_digests_are_told_apart),
        cmocka_unit_test(what_the_td_measured_alone_is_refused),
        cmocka_unit_test(phases_at_the_end_are_the_tail),
        cmocka_unit_test(failures_of_this_boot_are_left_out),
        cmocka_unit_test(an_open_partition_table_is_found_by_its_content),
        cmocka_unit_test(what_is_kept_is_what_the_td_measured),
        cmocka_unit_test(an_event_without_the_bank_is_in_no_list),
        cmocka_unit_test(little_memory_is_an_error),
        cmocka_unit_test(a_boot_leads_to_its_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
