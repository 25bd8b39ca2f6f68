/* Walking a TPM log; see boot_walk.h. */
#include "appraise/boot_walk.h"

const uint8_t boot_separator[48] = {
    0x39, 0x43, 0x41, 0xb7, 0x18, 0x2c, 0xd2, 0x27, 0xc5, 0xc6, 0xb0, 0x7e, 0xf8, 0x00, 0x0c, 0xdf,
    0xd8, 0x61, 0x36, 0xc4, 0x29, 0x2b, 0x8e, 0x57, 0x65, 0x73, 0xad, 0x7e, 0xd9, 0xae, 0x41, 0x01,
    0x9f, 0x58, 0x18, 0xb4, 0xb9, 0x71, 0xc9, 0xef, 0xfc, 0x60, 0xe1, 0xad, 0x9f, 0x12, 0x89, 0xf0};

/* One walk at work: how far each register's list and tail are. */
struct walk {
    struct boot_walk *out;
    const struct reference *r;
    const struct events *log;
    struct boot_walk_asked *asked;
    size_t bank;
    size_t next[BOOT_LAST + 1], tail[BOOT_LAST + 1];
    size_t failures;
};

static bool is_hash(struct span digest_, struct span data)
{
    uint8_t hash[48];
    return digest(HASH_SHA384, data, hash) && span_equal(digest_, SPAN_ARR(hash));
}

enum boot_exit boot_walk_exit(struct span value)
{
    if (is_hash(value, SPAN_LIT("Exit Boot Services Invocation")))
        return BOOT_EXIT_INVOCATION;
    if (is_hash(value, SPAN_LIT("Exit Boot Services Returned with Success")))
        return BOOT_EXIT_SUCCESS;
    if (is_hash(value, SPAN_LIT("Exit Boot Services Returned with Failure")))
        return BOOT_EXIT_FAILURE;
    return BOOT_EXIT_NONE;
}

static uint64_t u64le(struct span s, size_t at, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = bytes; i > 0; i--)
        v = v << 8 | s.p[at + i - 1];
    return v;
}

/* A partition table header (UEFI 2.10, 5.3.2: 92 bytes, the entry size at
 * 84), a count of 8 bytes, and so many entries (PFP 1.06, 10.4.4). */
bool boot_walk_gpt(struct span data)
{
    if (data.n < 100 || !span_starts(data, SPAN_LIT("EFI PART")))
        return false;
    uint64_t size = u64le(data, 84, 4), count = u64le(data, 92, 8), rest = data.n - 100;
    return size >= 128 && count > 0 && count <= rest / size && count * size == rest;
}

static void take(struct event_list *l, size_t i)
{
    l->v[l->n++] = (uint16_t)i;
}

/* Event i of a PCR is in an RTMR too. The first separator of PCR 2-6 stands for the five. */
static void take_both(struct walk *w, uint32_t pcr, size_t i, bool *separator)
{
    struct span value = events_digest(w->log, &w->log->v[i], w->bank);
    if (!(BOOT_RTMR1 >> pcr & 1)) {
        take(&w->out->rtmr2, i);
        return;
    }
    bool is_separator = span_equal(value, SPAN_ARR(boot_separator));
    if (!is_separator || !*separator)
        take(&w->out->rtmr1, i);
    *separator |= is_separator;
}

/* The firmware's attempt to leave boot services failed: it goes back to before the last pair. */
static bool is_retry(struct walk *w, uint32_t pcr, struct span value)
{
    const struct boot_list *l = &w->r->boot[pcr];
    if (!(BOOT_RTMR1 >> pcr & 1) || l->n < 2 || w->next[pcr] < l->n - 2 || w->next[pcr] == l->n ||
        w->failures == BOOT_WALK_RETRIES)
        return false;
    const struct boot_event *invocation = &l->v[l->n - 2], *success = &l->v[l->n - 1];
    if (invocation->tpm_only || success->tpm_only || boot_walk_exit(value) != BOOT_EXIT_FAILURE ||
        boot_walk_exit(SPAN_ARR(invocation->digest)) != BOOT_EXIT_INVOCATION ||
        boot_walk_exit(SPAN_ARR(success->digest)) != BOOT_EXIT_SUCCESS)
        return false;
    w->failures++;
    w->next[pcr] = l->n - 2;
    return true;
}

static bool is_hashed(struct walk *w, const struct event *e)
{
    if (w->asked->gpt != e)
        w->asked->hashed = is_hash(events_digest(w->log, e, w->bank), events_data(w->log, e));
    w->asked->gpt = e;
    return w->asked->hashed;
}

/* The partition table that the reference leaves open: the event's data must be all of one. */
static bool is_open_gpt(struct walk *w, const struct boot_event *expected, size_t i)
{
    const struct event *e = &w->log->v[i];
    if (!w->r->gpt_open || !span_equal(SPAN_ARR(expected->digest), SPAN_ARR(w->r->gpt)) ||
        !boot_walk_gpt(events_data(w->log, e)) || !is_hashed(w, e))
        return false;
    w->out->gpt = e;
    return true;
}

/* What software adds after the last event of the list, in the tail's order. */
static bool is_tail(struct walk *w, uint32_t pcr, struct span value)
{
    const struct boot_list *l = &w->r->boot[pcr];
    if (w->next[pcr] < l->n || w->tail[pcr] == l->n_tail || !is_hash(value, l->tail[w->tail[pcr]]))
        return false;
    w->tail[pcr]++;
    w->out->tpm_only++;
    return true;
}

static bool step(struct walk *w, uint32_t pcr, size_t i, bool *separator)
{
    const struct boot_list *l = &w->r->boot[pcr];
    struct span value = events_digest(w->log, &w->log->v[i], w->bank);
    const struct boot_event *expected = w->next[pcr] < l->n ? &l->v[w->next[pcr]] : NULL;
    if (expected &&
        (span_equal(SPAN_ARR(expected->digest), value) || is_open_gpt(w, expected, i))) {
        w->next[pcr]++;
        if (expected->tpm_only)
            w->out->tpm_only++;
        else
            take_both(w, pcr, i, separator);
        return true;
    }
    if (is_retry(w, pcr, value)) {
        take_both(w, pcr, i, separator);
        return true;
    }
    if (is_tail(w, pcr, value))
        return true;
    w->out->pcr = pcr;
    w->out->at = i;
    w->out->expected = expected;
    return false;
}

/* No list is cut short. */
static bool all_walked(struct walk *w)
{
    for (uint32_t pcr = 0; pcr <= BOOT_LAST; pcr++)
        if (w->next[pcr] < w->r->boot[pcr].n) {
            w->out->pcr = pcr;
            w->out->at = w->log->n;
            w->out->expected = &w->r->boot[pcr].v[w->next[pcr]];
            return false;
        }
    return true;
}

bool boot_walk_run(struct boot_walk *w, const struct reference *r, const struct events *log,
                   struct boot_walk_asked *asked)
{
    struct walk work = {
        .out = w, .r = r, .log = log, .asked = asked, .bank = events_bank(log, HASH_SHA384)};
    bool separator = false;
    w->rtmr1.log = w->rtmr2.log = log;
    w->rtmr1.bank = w->rtmr2.bank = work.bank;
    w->rtmr1.n = w->rtmr2.n = 0;
    w->tpm_only = 0;
    w->gpt = NULL;
    for (size_t i = 0; i < log->n; i++) {
        uint32_t pcr = events_register(log, &log->v[i]);
        if (pcr <= BOOT_LAST && BOOT_PCRS >> pcr & 1 && !step(&work, pcr, i, &separator))
            return false;
    }
    return all_walked(&work);
}
