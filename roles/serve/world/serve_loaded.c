/* What judges have of a policy; see serve_loaded.h. */
#include "serve/world/serve_dates.h"
#include "serve/world/serve_seen.h"

#include <stdlib.h>

/* hash has the library hash the collateral once, for all who are forked: each report names it. */
static void hash(const struct serve_loaded *l)
{
    const struct situs_request request = serve_loaded_request(l);
    const struct situs_err why = {.code = SITUS_MISSING};
    size_t size = situs_verify_memory(&request);
    uint8_t sha256[32];
    void *memory = malloc(size);
    const struct situs_result *r = situs_refused(&request, SITUS_INPUT_EVIDENCE, &why,
                                                 (struct situs_memory){memory, memory ? size : 0});
    (void)!situs_result_sha256(r, SITUS_INPUT_COLLATERAL, 0,
                               sha256); /* or later, by who needs it */
    free(memory);
}

bool serve_loaded_snapshot(struct serve_loaded *l, struct situs_err *err)
{
    if (l->collateral.n == 0)
        return true;
    if (!load_snapshot(&l->snapshot, l->collateral.parts, l->collateral.n, l->trust.trust, err))
        return false;
    situs_snapshot_tabulate(l->snapshot.snapshot);
    hash(l);
    return true;
}

bool serve_loaded_room(struct serve_world *w)
{
    free(w->dates);
    free(w->numbers);
    w->dates = calloc(1, sizeof *w->dates);
    w->numbers = calloc(SERVE_NUMBERS, sizeof *w->numbers);
    w->n_numbers = 0;
    return w->dates && w->numbers;
}

struct situs_request serve_loaded_request(const struct serve_loaded *l)
{
    return (struct situs_request){
        .endorsements = l->endorsements.endorsements,
        .trust = l->trust.trust,
        .policy = l->policy.policy,
        .snapshot = l->snapshot.snapshot,
        .early = l->forecast.snapshot,
    };
}
