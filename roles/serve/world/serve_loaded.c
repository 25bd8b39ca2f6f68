/* What judges have of a policy; see serve_loaded.h. */
#include "serve/world/serve_dates.h"
#include "serve/world/serve_seen.h"

#include <stdlib.h>

bool serve_loaded_snapshot(struct serve_loaded *l, struct situs_err *err)
{
    if (l->collateral.n == 0)
        return true;
    if (!load_snapshot(&l->snapshot, l->collateral.parts, l->collateral.n, l->trust.trust, err))
        return false;
    situs_snapshot_tabulate(l->snapshot.snapshot);
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
    };
}
