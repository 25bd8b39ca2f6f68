/* References from a boot; see boot_refer.h. */
#include "appraise/boot_refer.h"

#include "appraise/boot_align.h"
#include "appraise/boot_pcr7.h"
#include "appraise/boot_walk.h"
#include "base/text.h"

#define PHASES 6
#define PHASES_PCR 11
#define PHASE(s)                            \
    {                                       \
        (const uint8_t *)(s), sizeof(s) - 1 \
    }

/* What systemd measures as a system comes up and goes down (systemd-pcrphase.service(8)). */
static const struct span phases[PHASES] = {PHASE("enter-initrd"), PHASE("leave-initrd"),
                                           PHASE("sysinit"),      PHASE("ready"),
                                           PHASE("shutdown"),     PHASE("final")};

struct refer {
    struct reference *r;
    const struct boot_refer *boot;
    struct arena *a;
    struct situs_err *err;
    bool tpm_only[LIMIT_LOG_EVENTS]; /* by number of the TPM's log */
    struct event_list tpm, td, pcr1; /* at work */
};

static bool no_memory(struct refer *w)
{
    return err_fail(w->err, SITUS_NO_MEMORY, "memory", "", SITUS_NO_OFFSET, NULL, NULL);
}

static bool is_separator(const struct event_list *l, size_t i)
{
    return span_equal(event_list_digest(l, i), SPAN_ARR(boot_separator));
}

/* One separator of PCR 2-6, the first, stands for the five. */
static void fold_separators(struct event_list *l)
{
    size_t kept = 0, seen = 0;
    for (size_t i = 0; i < l->n; i++)
        if (!is_separator(l, i) || seen++ == 0)
            l->v[kept++] = l->v[i];
    l->n = kept;
}

static bool mark(struct refer *w, uint32_t rtmr, uint32_t pcrs)
{
    size_t missing;
    char expected[160];
    event_list_collect(&w->td, w->boot->ccel, 1u << rtmr);
    event_list_collect(&w->tpm, w->boot->tcg, pcrs);
    if (rtmr == 1)
        fold_separators(&w->tpm);
    if (boot_align(&w->tpm, &w->td, w->tpm_only, &missing, w->a))
        return true;
    if (missing == w->td.n)
        return no_memory(w);
    err_fail(w->err, SITUS_MISSING, "log.tdx, log.guest", rtmr == 1 ? "rtmr1" : "rtmr2",
             event_list_at(&w->td, missing)->at, event_list_describe(expected, &w->td, missing),
             "no such event of the TPM in its place");
    return err_hint(
        w->err, "the firmware, or what it booted, does not measure to both: bound is impossible "
                "here by measurements; on bare metal leave the profile out (--profile none)");
}

/* Whether the events before i are a failed attempt to leave boot services: how many they are. */
static size_t attempt(const struct refer *w, size_t i)
{
    struct span value = i > 0 ? event_list_digest(&w->tpm, i - 1) : span_of(NULL, 0);
    if (i == 0 || boot_walk_exit(value) != BOOT_EXIT_FAILURE)
        return 0;
    return i > 1 && boot_walk_exit(event_list_digest(&w->tpm, i - 2)) == BOOT_EXIT_INVOCATION ? 2
                                                                                              : 1;
}

/* Failures before the last pair are this boot's alone. */
static void drop_failures(struct refer *w)
{
    struct event_list *l = &w->tpm;
    if (l->n < 2 || boot_walk_exit(event_list_digest(l, l->n - 1)) != BOOT_EXIT_SUCCESS)
        return;
    size_t from = l->n - 2, n;
    while ((n = attempt(w, from)) > 0)
        from -= n;
    if (from == l->n - 2)
        return;
    memmove(&l->v[from], &l->v[l->n - 2], 2 * sizeof *l->v);
    l->n = from + 2;
    w->r->rtmr1_listed = true;
}

static size_t phase_of(struct span value)
{
    uint8_t hash[48];
    size_t i = 0;
    while (i < PHASES &&
           !(digest(HASH_SHA384, phases[i], hash) && span_equal(value, SPAN_ARR(hash))))
        i++;
    return i;
}

/* The phases that end the list, each the one after that before it, are the tail's; where there are
 * none the tail begins with the first. */
static void cut_tail(struct refer *w, struct boot_list *list)
{
    struct event_list *l = &w->tpm;
    size_t first = PHASES;
    while (l->n > 0 && w->tpm_only[l->v[l->n - 1]]) {
        size_t phase = phase_of(event_list_digest(l, l->n - 1));
        if (phase == PHASES || (first != PHASES && phase + 1 != first))
            break;
        first = phase;
        l->n--;
    }
    first = first == PHASES ? 0 : first;
    list->tail = &phases[first];
    list->n_tail = PHASES - first;
}

static bool write_list(struct refer *w, uint32_t pcr)
{
    struct boot_list *list = &w->r->boot[pcr];
    *list = (struct boot_list){0};
    event_list_collect(&w->tpm, w->boot->tcg, 1u << pcr);
    if (BOOT_RTMR1 >> pcr & 1)
        drop_failures(w);
    if (pcr == PHASES_PCR)
        cut_tail(w, list);
    struct boot_event *v = ARENA_ARRAY(w->a, w->tpm.n + 1, struct boot_event);
    if (!v)
        return no_memory(w);
    for (size_t i = 0; i < w->tpm.n; i++) {
        memcpy(v[i].digest, event_list_digest(&w->tpm, i).p, sizeof v[i].digest);
        v[i].tpm_only = w->tpm_only[w->tpm.v[i]];
    }
    list->v = v;
    list->n = w->tpm.n;
    return true;
}

static bool write_lists(struct refer *w)
{
    for (uint32_t pcr = 0; pcr <= BOOT_LAST; pcr++)
        if (BOOT_PCRS >> pcr & 1 && !write_list(w, pcr))
            return false;
    w->r->has_boot = true;
    return true;
}

/* Takes the events of RTMR0 that tell of themselves that they are PCR 7's. */
static void keep_telling(struct event_list *l, size_t front)
{
    bool separator = false;
    size_t kept = 0;
    for (size_t i = front; i < l->n; i++)
        if (boot_pcr7_tells(events_data(l->log, event_list_at(l, i)), event_list_digest(l, i),
                            &separator))
            l->v[kept++] = l->v[i];
    l->n = kept;
}

static bool among(const uint8_t (*v)[48], size_t n, struct span value)
{
    for (size_t i = 0; i < n; i++)
        if (span_equal(SPAN_ARR(v[i]), value))
            return true;
    return false;
}

static bool has(const struct event_list *l, struct span value)
{
    for (size_t i = 0; i < l->n; i++)
        if (span_equal(event_list_digest(l, i), value))
            return true;
    return false;
}

/* All of PCR 7 is named, since who sends a CCEL can take back what the data of an event tell; but
 * for digests that PCR 1 has too, of which the content has to tell. */
static bool write_pcr7(struct refer *w)
{
    event_list_collect(&w->pcr1, w->boot->tcg, 1u << 1);
    event_list_collect(&w->td, w->boot->ccel, 1u << 0);
    event_list_collect(&w->tpm, w->boot->tcg, 1u << 7);
    keep_telling(&w->td, profile_front(w->r->profile));
    uint8_t(*v)[48] = arena_array(w->a, w->tpm.n + 1, 48);
    if (!v)
        return no_memory(w);
    w->r->pcr7 = (const uint8_t(*)[48])v;
    w->r->n_pcr7 = 0;
    for (size_t i = 0; i < w->tpm.n; i++) {
        struct span value = event_list_digest(&w->tpm, i);
        if (!(has(&w->td, value) && has(&w->pcr1, value)) &&
            !among(w->r->pcr7, w->r->n_pcr7, value))
            memcpy(v[w->r->n_pcr7++], value.p, 48);
    }
    return true;
}

/* The one event that TD and TPM have, whose data is all of a partition table. */
static bool write_gpt(struct refer *w)
{
    size_t n = 0;
    uint8_t hash[48];
    event_list_collect(&w->tpm, w->boot->tcg, BOOT_RTMR1);
    for (size_t i = 0; i < w->tpm.n; i++) {
        struct span data = events_data(w->boot->tcg, event_list_at(&w->tpm, i));
        if (w->tpm_only[w->tpm.v[i]] || !boot_walk_gpt(data) || !digest(HASH_SHA384, data, hash) ||
            !span_equal(event_list_digest(&w->tpm, i), SPAN_ARR(hash)))
            continue;
        memcpy(w->r->gpt, hash, sizeof hash);
        n++;
    }
    w->r->gpt_open = w->r->rtmr1_listed = true;
    if (n == 1)
        return true;
    err_fail(w->err, SITUS_MISSING, "log.guest", "gpt_open", SITUS_NO_OFFSET,
             "one event of PCR 2 to 6 that is the hash of a whole partition table", TEXT_NUM(n));
    return err_hint(w->err, "leave gpt_open out: this boot has no one event that could be open");
}

/* An event without a SHA-384 digest is in no list. */
static bool has_digests(struct refer *w)
{
    const struct events *log = w->boot->tcg;
    size_t bank = events_bank(log, HASH_SHA384);
    for (size_t i = 0; i < log->n; i++) {
        uint32_t pcr = events_register(log, &log->v[i]);
        if (pcr <= BOOT_LAST && BOOT_QUOTED >> pcr & 1 && !events_digest(log, &log->v[i], bank).n)
            return err_fail(w->err, SITUS_MISSING, "log.guest", "event.digests", log->v[i].at,
                            hash_name(HASH_SHA384), "other banks");
    }
    return true;
}

bool boot_refer_write(struct reference *r, const struct boot_refer *boot, struct arena *a,
                      struct situs_err *err)
{
    struct refer *w = ARENA_NEW(a, struct refer);
    if (!w)
        return err_fail(err, SITUS_NO_MEMORY, "memory", "", SITUS_NO_OFFSET, NULL, NULL);
    *w = (struct refer){.r = r, .boot = boot, .a = a, .err = err};
    r->rtmr1_listed = boot->rtmr1_open;
    return has_digests(w) && mark(w, 1, BOOT_RTMR1) && mark(w, 2, BOOT_PCRS & ~BOOT_RTMR1) &&
           write_lists(w) && write_pcr7(w) && (!boot->gpt_open || write_gpt(w));
}
