/* What the supervisor tells the keeper while it runs: until when policies can be served, what is fetched, and, where the
 * cache has something new, the nurseries of judges that know it. Challenges that are out stay good. */
#ifndef SITUS_SERVE_KEEPER_TOLD_H
#define SITUS_SERVE_KEEPER_TOLD_H

#include "serve/fetcher/fetcher_state.h"
#include "serve/fetcher/hook_state.h"
#include "serve/world/serve_load.h"

struct keeper;

/* One packet. With new nurseries their sockets are beside it, and what policies hold from then on, sealed: the dates of their
 * collateral and CRLs (struct serve_dates), then their lists (struct serve_number). */
struct keeper_told {
    uint64_t lists;
    struct serve_term terms[SERVE_POLICIES];
    struct fetcher_state fetched;
    struct hook_told hooks[SERVE_HOOKS];
};

/* keeper_told_hear takes one. */
void keeper_told_hear(struct keeper *k);

/* keeper_told_metrics is what the keeper knows of sources and policies, as OpenMetrics without its last line: sealed
 * memory, or -1. */
int keeper_told_metrics(const struct keeper *k, int64_t at);

#endif
