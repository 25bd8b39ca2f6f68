/* The supervisor's word; see keeper_told.h. */
#include "serve/keeper/keeper.h"

#include "base/text.h"
#include "base/wr.h"
#include "frame/out.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define METRICS_MAX (128 * 1024)

/* hold takes what policies hold out of the memory that came with it. */
static bool hold(struct keeper *k, int fd, uint64_t n)
{
    size_t size, want = sizeof(struct serve_dates) + (size_t)n * sizeof(struct serve_number);
    if (n > SERVE_NUMBERS || !talk_memory_is(fd, want, &size) || size != want)
        return false;
    uint8_t *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return false;
    const void *rows = p + sizeof(struct serve_dates);
    bool ok = keeper_store_hold(&k->store, (const void *)p, rows, (size_t)n);
    munmap(p, size);
    return ok;
}

void keeper_told_hear(struct keeper *k)
{
    static struct keeper_told told;
    int fds[TALK_FDS];
    size_t n;
    if (!talk_receive(k->supervisor, &told, sizeof told, fds, &n)) {
        close(k->supervisor);
        k->supervisor = -1;
        return;
    }
    memcpy(k->terms, told.terms, sizeof k->terms);
    memset(k->ready, 0, sizeof k->ready);
    k->fetched = told.fetched;
    keeper_hooks_told(k, told.hooks);
    if (n == 0)
        return;
    if (!hold(k, fds[n - 1], told.lists))
        out_error("the keeper knows nothing of what was fetched");
    keeper_jobs_anew(k);
    keeper_pool_renew(&k->pool, fds);
    close(fds[n - 1]);
}

static void head(struct wr *w, const char *name, const char *type, const char *help)
{
    wr_format(w, "# TYPE situs_%s %s\n# HELP situs_%s %s\n", name, type, name, help);
}

static void sources(struct wr *w, const struct fetcher_state *s)
{
    static const struct {
        const char *name, *type, *end, *help;
    } rows[] = {
        {"fetch_success_timestamp_seconds", "gauge", "",
         "When a source was fetched last; 0: never."},
        {"fetch_next_timestamp_seconds", "gauge", "", "When a source is asked next; 0: never."},
        {"fetch_ends_timestamp_seconds", "gauge", "",
         "When what is held of a source ends; 0: nothing is held."},
        {"fetch_successes", "counter", "_total", "Times that a source was fetched."},
        {"fetch_failures", "counter", "_total", "Times that a source could not be fetched."},
    };
    for (size_t row = 0; s->sources && row < sizeof rows / sizeof *rows; row++) {
        head(w, rows[row].name, rows[row].type, rows[row].help);
        for (size_t i = 0; i < s->sources; i++) {
            const struct fetcher_source *v = &s->source[i];
            const int64_t values[] = {v->success, v->next, v->ends, (int64_t)v->successes,
                                      (int64_t)v->failures};
            wr_format(w, "situs_%s%s{source=\"%s\"} ", rows[row].name, rows[row].end, v->name);
            if (values[row] == INT64_MAX)
                wr_text(w, "+Inf\n");
            else
                wr_format(w, "%lld\n", (long long)values[row]);
        }
    }
}

static void platforms(struct wr *w, const struct fetcher_state *s, int64_t at)
{
    if (s->platforms)
        head(w, "platform_falls_seconds", "gauge",
             "Seconds until a level that is good now is out of date, by Intel's early set.");
    for (size_t i = 0; i < s->platforms; i++) {
        const struct serve_platform *p = &s->platform[i];
        if (!p->known)
            continue;
        wr_format(w, "situs_platform_falls_seconds{tee=\"%s\",fmspc=\"%s\"} ",
                  p->tdx ? "tdx" : "sgx", TEXT_HEX(SPAN_ARR(p->fmspc)));
        if (p->falls == INT64_MAX)
            wr_text(w, "+Inf\n");
        else
            wr_format(w, "%lld\n", (long long)(p->falls - at));
    }
}

static void policies(struct wr *w, const struct keeper *k, int64_t at)
{
    head(w, "policy_ends_seconds", "gauge",
         "Seconds until the first of what a policy rests on ends; below 0: it is not served.");
    for (size_t i = 0; i < k->world->config.n; i++) {
        const struct serve_term *t = &k->terms[i];
        wr_format(w, "situs_policy_ends_seconds{policy=\"%s\"} ",
                  k->world->config.policies[i].name);
        if (t->missing[0])
            wr_text(w, "-Inf\n");
        else if (t->valid.to == INT64_MAX)
            wr_text(w, "+Inf\n");
        else
            wr_format(w, "%lld\n", (long long)(t->valid.to - at));
    }
}

/* machines counts the watched machines by what is told of them; those that another keeper took over are its. */
static void machines(struct wr *w, const struct keeper *k)
{
    size_t n[CONTINUITY_STATES] = {0};
    const struct keeper_machines *m = &k->machines;
    for (size_t i = 0; i < m->n; i++)
        if (!m->v[i].gone)
            n[continuity_told(&m->v[i].row)]++;
    if (m->n)
        head(w, "machines", "gauge", "Watched machines, by state.");
    for (size_t i = 0; m->n && i < CONTINUITY_STATES; i++)
        wr_format(w, "situs_machines{state=\"%s\"} %zu\n",
                  continuity_state_word((enum continuity_state)i), n[i]);
    if (m->n)
        wr_format(
            w,
            "# TYPE situs_machine_events counter\n# HELP situs_machine_events The number of the "
            "last event on record.\nsitus_machine_events_total %lld\n",
            (long long)m->store.event);
}

int keeper_told_metrics(const struct keeper *k, int64_t at)
{
    uint8_t *text = malloc(METRICS_MAX);
    struct wr w = wr_new(text, text ? METRICS_MAX : 0);
    policies(&w, k, at);
    sources(&w, &k->fetched);
    platforms(&w, &k->fetched, at);
    machines(&w, k);
    keeper_hooks_metrics(k, &w);
    struct span s = wr_span(&w);
    int fd = s.n ? talk_memory(s.p, s.n) : -1;
    free(text);
    return fd;
}
