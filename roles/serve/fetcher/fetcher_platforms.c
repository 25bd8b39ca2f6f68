/*
 * When a kind of platform falls out of date: Intel's early set is what becomes the standard one 12 months after a TCB
 * recovery (PCS API v4, "update"; TCB recovery guidance). What is good by the standard set and not by the early one falls
 * then. A forecast, for people: no verdict asks it.
 */
#include "serve/fetcher/fetcher_state.h"

#include "base/text.h"
#include "collateral/collateral.h"
#include "situs/door.h"

#include <stdlib.h>

#define YEAR (365 * 86400LL)

static bool is_good(enum tcb_status s)
{
    return s == TCB_UP_TO_DATE || s == TCB_SW_HARDENING_NEEDED || s == TCB_CONFIGURATION_NEEDED ||
           s == TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED;
}

/* reaches says that who has the SVNs of a level has those of another, too. */
static bool reaches(const struct tcb_level *has, const struct tcb_level *of)
{
    bool ok = has->pcesvn >= of->pcesvn && has->isvsvn >= of->isvsvn;
    for (size_t i = 0; i < 16; i++)
        ok = ok && has->sgx[i] >= of->sgx[i] && has->tdx[i] >= of->tdx[i];
    return ok;
}

/* first_fall is when the first level that is good now is so no more; INT64_MAX: none falls. */
static int64_t first_fall(const struct tcb_levels *now, const struct tcb_levels *early)
{
    for (size_t i = 0; i < now->n; i++) {
        size_t k = 0;
        while (k < early->n && !reaches(&now->v[i], &early->v[k]))
            k++;
        if (is_good(now->v[i].status) && (k == early->n || !is_good(early->v[k].status)))
            return early->n ? early->v[0].date + YEAR : INT64_MIN;
    }
    return INT64_MAX;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static const struct tcb_info *info_of(const struct snapshot *s, bool tdx, const uint8_t fmspc[6])
{
    for (size_t i = 0; i < s->n_infos; i++)
        if (s->infos[i].tdx == tdx && memcmp(s->infos[i].fmspc, fmspc, 6) == 0)
            return &s->infos[i];
    return NULL;
}

/* modules_fall is that of the TDX modules that both name. */
static int64_t modules_fall(const struct tcb_info *now, const struct tcb_info *early)
{
    int64_t falls = INT64_MAX;
    for (size_t i = 0; i < now->n_modules; i++)
        for (size_t k = 0; k < early->n_modules; k++)
            if (now->modules[i].version == early->modules[k].version)
                falls =
                    sooner(falls, first_fall(&now->modules[i].levels, &early->modules[k].levels));
    return falls;
}

static int64_t qe_falls(const struct snapshot *now, const struct snapshot *early, bool tdx)
{
    int64_t falls = INT64_MAX;
    for (size_t i = 0; i < now->n_qes; i++)
        for (size_t k = 0; k < early->n_qes; k++)
            if (now->qes[i].tdx == tdx && early->qes[k].tdx == tdx)
                falls = sooner(falls, first_fall(&now->qes[i].levels, &early->qes[k].levels));
    return falls;
}

/* add says it of one platform. */
static void add(struct serve_world *w, const struct snapshot *now, const struct snapshot *early,
                bool tdx, const char *fmspc)
{
    struct serve_platform *p = &w->platform[w->platforms];
    if (w->platforms == SERVE_PLATFORMS)
        return;
    *p = (struct serve_platform){.tdx = tdx};
    if (!text_hex_read(p->fmspc, sizeof p->fmspc, span_text(fmspc)))
        return;
    w->platforms++;
    const struct tcb_info *a = now ? info_of(now, tdx, p->fmspc) : NULL;
    const struct tcb_info *b = early ? info_of(early, tdx, p->fmspc) : NULL;
    p->known = a && b;
    if (p->known)
        p->falls = sooner(sooner(first_fall(&a->levels, &b->levels), modules_fall(a, b)),
                          qe_falls(now, early, tdx));
}

/* What the cache has of a source, loaded. */
struct set {
    struct collateral *parts;
    struct loaded_snapshot snapshot;
};

static const struct snapshot *load(struct set *s, const struct serve_world *w, size_t source)
{
    char path[PATH_MAX];
    struct situs_err err = {0};
    const struct situs_trust *trust = w->loaded[w->config.fetch.v[source].policy].trust.trust;
    serve_source_path(&w->config.fetch, source, path);
    s->parts = w->held[source].holds ? calloc(1, sizeof *s->parts) : NULL;
    return s->parts && collateral_add(s->parts, path, &err) &&
                   load_snapshot(&s->snapshot, s->parts->parts, s->parts->n, trust, &err)
               ? &s->snapshot.snapshot->collateral.intel
               : NULL;
}

static void unload(struct set *s)
{
    load_snapshot_free(&s->snapshot);
    if (s->parts)
        collateral_free(s->parts);
    free(s->parts);
}

void fetcher_platforms(struct serve_world *w)
{
    const struct serve_fetch *f = &w->config.fetch;
    w->platforms = 0;
    for (size_t i = 0; i < f->n; i++) {
        struct set now = {.parts = NULL}, early = {.parts = NULL};
        if (f->v[i].kind != SERVE_SOURCE_EARLY)
            continue;
        const struct snapshot *a = load(&now, w, i - 1), *b = load(&early, w, i);
        for (size_t k = 0; k < f->v[i].platforms.n; k++)
            add(w, a, b, strcmp(f->v[i].tee, "tdx") == 0, f->v[i].platforms.v[k]);
        unload(&now);
        unload(&early);
    }
}
