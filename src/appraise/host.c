/* Host references against the launch; see host.h. */
#include "appraise/host.h"

#include "appraise/closed_check.h"
#include "base/text.h"
#include "base/wr.h"

#define CHECK CHECK_HOST_IMAGE

/* How far a launch agrees with a reference. */
struct agreement {
    const struct host_reference *host;
    size_t events; /* that agree, from the first on */
    size_t at;     /* number in the log of the first that does not; log->n at its end */
    bool whole;
};

static bool agrees(const struct events *log, const struct event *e, size_t bank,
                   const struct host_event *want)
{
    return e->index == want->pcr && (!want->typed || e->type == want->type) &&
           span_equal(events_digest(log, e, bank), span_of(want->digest, log->bank[bank].size));
}

/* Events of registers that are not quoted, and EV_NO_ACTION, say nothing. */
static struct agreement compare(const struct host_reference *host, const struct events *log)
{
    struct agreement a = {.host = host};
    size_t bank = events_bank(log, host->bank);
    for (; a.at < log->n; a.at++) {
        uint32_t pcr = events_register(log, &log->v[a.at]);
        if (pcr >= REGISTERS_MAX || !(host->registers >> pcr & 1))
            continue;
        if (a.events == host->n || !agrees(log, &log->v[a.at], bank, &host->events[a.events]))
            return a;
        a.events++;
    }
    a.whole = a.events == host->n;
    return a;
}

/* The best reference of those for the quoted registers; host NULL when there is none. */
static struct agreement nearest(const struct policy *p, const struct bank *quoted,
                                const struct events *log, int64_t at)
{
    const struct param_value *v = &p->v[PARAM_HOST_IMAGE_IMAGES];
    struct agreement best = {.host = NULL};
    for (size_t i = 0; i < v->n; i++) {
        const struct host_reference *host = &v->hosts[i];
        if (host->bank != quoted->hash || host->registers != quoted->mask)
            continue;
        struct agreement a = compare(host, log);
        if (a.whole && time_in_window(at, host->valid))
            return a;
        if (!best.host || (!best.whole && (a.whole || a.events > best.events)))
            best = a;
    }
    return best;
}

static void fail_event(struct findings *f, const struct agreement *a, const struct events *log)
{
    char field[40], hint[200];
    struct wr w = wr_new(field, sizeof field);
    wr_format(&w, "event[%zu].digest", a->at);
    wr_u8(&w, 0);
    w = wr_new(hint, sizeof hint);
    wr_format(&w, "nearest host image: %s; %zu of its %zu events agree", TEXT_CUT(a->host->name),
              a->events, a->host->n);
    wr_u8(&w, 0);
    const struct host_event *want = a->events < a->host->n ? &a->host->events[a->events] : NULL;
    struct span got = span_of(NULL, 0);
    if (a->at < log->n)
        got = events_digest(log, &log->v[a->at], events_bank(log, a->host->bank));
    finding_fail(f, CHECK, SITUS_NOT_ALLOWED, FINDING_AT("log.platform", field),
                 want ? TEXT_HEX(span_of(want->digest, hash_size(a->host->bank)))
                      : "no more events",
                 got.n ? TEXT_HEX(got) : "no more events", wr_ok(&w) ? hint : NULL);
}

static void fail_window(struct findings *f, const struct host_reference *host, int64_t at)
{
    bool late = at > host->valid.to;
    finding_fail(f, CHECK, late ? SITUS_EXPIRED : SITUS_NOT_YET_VALID,
                 FINDING_AT("policy", late ? "host.image.images.to" : "host.image.images.from"),
                 TEXT_TIME(late ? host->valid.to : host->valid.from), TEXT_TIME(at),
                 late ? "nobody vouches for this host image any more: update the host"
                      : "nobody vouches for this host image yet");
}

const struct host_reference *host_check(struct findings *f, const struct policy *p,
                                        const struct bank *quoted, const struct events *log,
                                        int64_t at)
{
    if (!log || !quoted) {
        finding_skip(f, CHECK, "no launch log explains the platform's PCRs");
        return NULL;
    }
    struct agreement a = nearest(p, quoted, log, at);
    if (!a.host) {
        finding_fail(f, CHECK, SITUS_NOT_ALLOWED, FINDING_AT("policy", "host.image.images"),
                     "a host image for the quoted registers", "none", NULL);
        return NULL;
    }
    if (!a.whole)
        fail_event(f, &a, log);
    else if (!time_in_window(at, a.host->valid))
        fail_window(f, a.host, at);
    else if (closed_check(f, CHECK, "host.image.images", a.host->name, &a.host->closed))
        finding_pass(f, CHECK);
    if (a.whole)
        finding_until(f, CHECK, a.host->valid.to, "the word for the host image");
    return a.whole ? a.host : NULL;
}

void host_check_co_located(struct findings *f, const struct claims *platform,
                           const struct host_reference *host)
{
    if (!platform->authority)
        finding_skip(f, CHECK_HOST_CO_LOCATED, "the platform's TPM quote does not hold");
    else if (!host)
        finding_skip(f, CHECK_HOST_CO_LOCATED, "no host image of the policy runs");
    else if (!host->co_locates)
        finding_fail(f, CHECK_HOST_CO_LOCATED, SITUS_NOT_ALLOWED,
                     FINDING_AT("policy", "host.image.images.agent_co_locates"), "true", "false",
                     "this host's agent does not say which machine made a TD quote");
    else
        finding_pass(f, CHECK_HOST_CO_LOCATED);
}
