/*
 * What can be done to the logs of a boot, generated, against DESIGN: measurements: no change of
 * what was measured is accepted. Registers are extended for real after each. A1 to A4 are four
 * families over the TPM's log; the numbers over seven real logs are pinned.
 */
#include "support/boots.h"
#include "support/test.h"
#include "support/vectors.h"

#include "appraise/boot_walk.h"
#include "base/text.h"

#include <stdio.h>

static struct log_pair honest, p;
static struct {
    size_t tried, accepted;
} count;

static const uint32_t quoted[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14};
#define QUOTED (sizeof quoted / sizeof *quoted)

static void begin(void)
{
    p.tpm = honest.tpm;
    p.td = honest.td;
}

static void judge(const char *what, size_t i)
{
    count.tried++;
    if (!log_pair_bound(&p))
        return;
    count.accepted++;
    print_error("accepted: %s of event %zu\n", what, i);
}

static struct log_pair_row foreign(uint32_t at)
{
    struct log_pair_row r = {.at = at, .type = EV_IPL, .data = SPAN_LIT("foreign")};
    assert_true(digest(HASH_SHA384, r.data, r.digest));
    return r;
}

static bool hashes_data(const struct log_pair_row *r)
{
    uint8_t hash[48];
    return digest(HASH_SHA384, r->data, hash) && memcmp(hash, r->digest, 48) == 0;
}

static bool is_separator(const struct log_pair_row *r)
{
    return memcmp(r->digest, boot_separator, 48) == 0;
}

/* The label of the event with this digest in RTMR1, which nothing signs. */
static void relabel_td(const uint8_t digest_[48], uint32_t type, struct span data)
{
    for (size_t i = 0; i < p.td.n; i++)
        if (p.td.row[i].at == 1 && memcmp(p.td.row[i].digest, digest_, 48) == 0) {
            p.td.row[i].type = type;
            p.td.row[i].data = data;
            return;
        }
}

/* A1: an image's event is relabelled in the CCEL and extended late, into another PCR of RTMR1. */
static void relabelled(size_t boot)
{
    const struct {
        uint32_t type, pcr;
        const char *data; /* NULL: as it was */
    } to[] = {{EV_EFI_BOOT_SERVICES_DRIVER, 2, NULL},
              {0x7fffffff, 3, NULL},
              {EV_EFI_ACTION, 4, "EFI Application"},
              {EV_EFI_ACTION, 5, NULL},
              {EV_EFI_BOOT_SERVICES_APPLICATION, 4, "EFI Application"}};
    for (size_t i = 0; i < honest.tpm.n; i++) {
        struct log_pair_row image = honest.tpm.row[i];
        if (image.at < 2 || image.at > 6 || is_separator(&image) || hashes_data(&image))
            continue;
        for (size_t k = 0; k < 5; k++) {
            if (to[k].pcr == image.at ||
                (to[k].type == EV_EFI_BOOT_SERVICES_APPLICATION && boots_moves_images(boot)))
                continue;
            struct log_pair_row moved = image;
            moved.at = to[k].pcr;
            moved.type = to[k].type;
            if (to[k].data)
                moved.data = span_text(to[k].data);
            begin();
            log_pair_remove(&p.tpm, i);
            log_pair_insert(&p.tpm, p.tpm.n, moved);
            relabel_td(moved.digest, moved.type, moved.data);
            judge("A1", i);
        }
    }
}

/* A2: an event of RTMR2 is extended late, into another of its PCRs. */
static void moved_late(size_t boot)
{
    (void)boot;
    for (size_t i = 0; i < honest.tpm.n; i++)
        for (size_t k = 0; k < QUOTED; k++) {
            struct log_pair_row moved = honest.tpm.row[i];
            if (moved.at < 8 || moved.tpm_only || quoted[k] < 8 || quoted[k] == moved.at)
                continue;
            moved.at = quoted[k];
            begin();
            log_pair_remove(&p.tpm, i);
            log_pair_insert(&p.tpm, p.tpm.n, moved);
            judge("A2", i);
        }
}

static bool same_order(uint32_t pcr)
{
    size_t k = 0;
    for (size_t i = 0; i < p.tpm.n; i++) {
        if (p.tpm.row[i].at != pcr)
            continue;
        while (honest.tpm.row[k].at != pcr)
            k++;
        if (memcmp(p.tpm.row[i].digest, honest.tpm.row[k++].digest, 48) != 0)
            return false;
    }
    return true;
}

/* A3: what only the TPM measures, at each other place of its PCR. */
static void tpm_only_elsewhere(size_t boot)
{
    (void)boot;
    for (size_t i = 0; i < honest.tpm.n; i++)
        for (size_t to = 0;
             honest.tpm.row[i].tpm_only && honest.tpm.row[i].at == 9 && to < honest.tpm.n; to++) {
            if (honest.tpm.row[to].at != honest.tpm.row[i].at || to == i)
                continue;
            begin();
            log_pair_remove(&p.tpm, i);
            log_pair_insert(&p.tpm, to, honest.tpm.row[i]);
            if (!same_order(honest.tpm.row[i].at))
                judge("A3", i);
        }
}

/* The next event of that register with another digest; n when there is none. */
static size_t next_other(const struct log_pair_log *l, size_t i)
{
    size_t k = i + 1;
    while (k < l->n &&
           (l->row[k].at != l->row[i].at || memcmp(l->row[k].digest, l->row[i].digest, 48) == 0))
        k++;
    return k;
}

static void exchange(struct log_pair_log *l, size_t i, size_t k)
{
    uint8_t other[48];
    memcpy(other, l->row[i].digest, 48);
    memcpy(l->row[i].digest, l->row[k].digest, 48);
    memcpy(l->row[k].digest, other, 48);
}

/* A4: each event deleted, forged, moved to each other PCR, exchanged; a foreign one first and
 * last. */
static void any_change(size_t boot)
{
    (void)boot;
    for (size_t i = 0; i < honest.tpm.n; i++) {
        uint32_t at = honest.tpm.row[i].at;
        if (at == 0)
            continue;
        begin();
        log_pair_remove(&p.tpm, i);
        judge("A4 deletion", i);
        begin();
        memcpy(p.tpm.row[i].digest, foreign(0).digest, 48);
        judge("A4 forgery", i);
        for (size_t k = 0; k < QUOTED; k++) {
            begin();
            p.tpm.row[i].at = quoted[k];
            if (quoted[k] != at)
                judge("A4 move", i);
        }
        size_t k = next_other(&honest.tpm, i);
        begin();
        if (k < honest.tpm.n) {
            exchange(&p.tpm, i, k);
            judge("A4 exchange", i);
        }
    }
    for (size_t k = 0; k < QUOTED; k++) {
        begin();
        log_pair_insert(&p.tpm, p.tpm.n, foreign(quoted[k]));
        judge("A4 late event", k);
        begin();
        log_pair_insert(&p.tpm, 0, foreign(quoted[k]));
        judge("A4 early event", k);
    }
}

/* The same to the TD's log; its image is another one then, whatever the TPM says. */
static void any_change_of_the_td(size_t boot)
{
    (void)boot;
    for (size_t i = 0; i < honest.td.n; i++) {
        begin();
        log_pair_remove(&p.td, i);
        judge("TD deletion", i);
        begin();
        p.td.row[i].digest[i % 48] ^= (uint8_t)(1 << i % 8);
        judge("TD flip", i);
        for (uint32_t at = 0; at < 3; at++) {
            begin();
            p.td.row[i].at = at;
            if (at != honest.td.row[i].at)
                judge("TD move", i);
        }
        size_t k = next_other(&honest.td, i);
        begin();
        if (k < honest.td.n) {
            exchange(&p.td, i, k);
            judge("TD exchange", i);
        }
    }
    for (uint32_t at = 0; at < 3; at++) {
        begin();
        log_pair_insert(&p.td, p.td.n, foreign(at));
        judge("TD late event", at);
        begin();
        log_pair_insert(&p.td, 0, foreign(at));
        judge("TD early event", at);
    }
}

/* One event in both logs alike: TD and TPM agree, and neither is the image. */
static void any_change_of_both(size_t boot)
{
    (void)boot;
    for (size_t i = 0; i < honest.tpm.n; i++)
        for (size_t k = 0; k < honest.td.n; k++) {
            if (memcmp(honest.tpm.row[i].digest, honest.td.row[k].digest, 48) != 0)
                continue;
            begin();
            p.tpm.row[i].digest[0] ^= 1;
            p.td.row[k].digest[0] ^= 1;
            judge("flip in both", i);
            begin();
            log_pair_remove(&p.tpm, i);
            log_pair_remove(&p.td, k);
            judge("deletion in both", i);
        }
}

/* Types and data of both logs are labels. Whatever they say, what was measured decides: no false
 * label makes another boot acceptable, and where the answer is yes it was yes before. */
static void false_labels(size_t boot)
{
    (void)boot;
    static const uint32_t types[] = {EV_SEPARATOR, EV_EFI_ACTION, EV_EVENT_TAG, EV_IPL, 0x7fffffff};
    for (size_t k = 0; k < 5; k++)
        for (size_t i = 0; i < honest.tpm.n; i++) {
            begin();
            p.tpm.row[i].type = types[k];
            p.tpm.row[i].data = SPAN_LIT("another text");
            assert_true(log_pair_bound(&p)); /* the reference told all that the labels had */
            log_pair_remove(&p.tpm, i);
            judge("relabelled, then deleted", i);
        }
}

static void run(void (*family)(size_t), const char *name, size_t expected)
{
    size_t tried = 0;
    for (size_t i = 0; i < (vectors_root() ? BOOTS : 1); i++) {
        count.tried = count.accepted = 0;
        boots_start(&honest, i);
        p = honest;
        p.image = honest.image;
        boots_start(&p, i); /* lists point into it */
        if (!log_pair_bound(&p)) {
            const struct situs_err *why = p.c.findings.v[CHECK_BIND_MEASUREMENTS].why;
            fail_msg("%s, honest: %s: expected %s, got %s", boots_name(i), why ? why->field : "?",
                     why ? why->expected : "?", why ? why->got : "?");
        }
        family(i);
        assert_int_equal(count.accepted, 0);
        if (i > 0)
            tried += count.tried;
        print_message("%s: %s: 0 of %zu accepted\n", name, boots_name(i), count.tried);
    }
    if (vectors_root() && expected)
        assert_int_equal(tried, expected);
}

static void a1_relabelled_and_moved(void **state)
{
    (void)state;
    run(relabelled, "A1", 45);
}

static void a2_extended_late(void **state)
{
    (void)state;
    run(moved_late, "A2", 1265);
}

static void a3_tpm_only_elsewhere(void **state)
{
    (void)state;
    run(tpm_only_elsewhere, "A3", 17);
}

static void a4_any_change_of_the_tpm_side(void **state)
{
    (void)state;
    run(any_change, "A4", 6521);
}

static void any_change_of_the_td_side(void **state)
{
    (void)state;
    run(any_change_of_the_td, "TD", 0);
}

static void any_change_of_both_sides(void **state)
{
    (void)state;
    run(any_change_of_both, "both", 0);
}

static void labels_decide_nothing(void **state)
{
    (void)state;
    run(false_labels, "labels", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a1_relabelled_and_moved),
        cmocka_unit_test(a2_extended_late),
        cmocka_unit_test(a3_tpm_only_elsewhere),
        cmocka_unit_test(a4_any_change_of_the_tpm_side),
        cmocka_unit_test(any_change_of_the_td_side),
        cmocka_unit_test(any_change_of_both_sides),
        cmocka_unit_test(labels_decide_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
