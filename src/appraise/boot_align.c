/* Aligning event lists; see boot_align.h. */
#include "appraise/boot_align.h"

#define NEVER UINT16_MAX

/* Place (i, k): i events of the TPM are behind, k of them left out, so i - k of the TD's are
 * too. */
struct align {
    const struct event_list *tpm, *td;
    size_t out;     /* events to leave out */
    uint8_t *leave; /* bit for each place: leave event i out there */
    uint16_t *cost; /* of the rest, by k, at the i in hand */
};

static bool same(const struct align *w, size_t i, size_t j)
{
    return j < w->td->n && span_equal(event_list_digest(w->tpm, i), event_list_digest(w->td, j));
}

/* Linux's EFI stub measures initrd and load options to PCR 9 with this type. */
static uint16_t price(const struct align *w, size_t i)
{
    const struct event *e = event_list_at(w->tpm, i);
    return e->index == 9 && e->type == EV_EVENT_TAG ? 0 : 1;
}

static size_t place(const struct align *w, size_t i, size_t k)
{
    return i * (w->out + 1) + k;
}

/* Costs at i from those at i + 1: what k is decides in ascending order, as it reads k + 1. */
static void step(struct align *w, size_t i)
{
    for (size_t k = 0; k <= w->out && k <= i; k++) {
        uint16_t match = same(w, i, i - k) ? w->cost[k] : NEVER;
        uint16_t leave = k < w->out && w->cost[k + 1] != NEVER
                             ? (uint16_t)(w->cost[k + 1] + price(w, i))
                             : NEVER;
        w->cost[k] = leave < match ? leave : match;
        if (leave < match)
            w->leave[place(w, i, k) / 8] |= (uint8_t)(1u << place(w, i, k) % 8);
    }
}

/* The first event of the TD up to which no alignment comes. */
static size_t first_missing(const struct align *w)
{
    size_t j = 0;
    for (size_t i = 0; i < w->tpm->n; i++)
        j += same(w, i, j);
    return j;
}

bool boot_align(const struct event_list *tpm, const struct event_list *td, bool *tpm_only,
                size_t *missing, struct arena *a)
{
    struct align w = {.tpm = tpm, .td = td};
    *missing = first_missing(&w);
    if (*missing < td->n)
        return false;
    w.out = tpm->n - td->n;
    w.leave = ARENA_ARRAY(a, tpm->n * (w.out + 1) / 8 + 1, uint8_t);
    w.cost = ARENA_ARRAY(a, w.out + 1, uint16_t);
    if (!w.leave || !w.cost)
        return false;
    for (size_t k = 0; k < w.out; k++)
        w.cost[k] = NEVER;
    for (size_t i = tpm->n; i > 0; i--)
        step(&w, i - 1);
    for (size_t i = 0, k = 0; i < tpm->n; i++) {
        bool left = w.leave[place(&w, i, k) / 8] >> place(&w, i, k) % 8 & 1;
        tpm_only[tpm->v[i]] = left;
        k += left;
    }
    return true;
}
