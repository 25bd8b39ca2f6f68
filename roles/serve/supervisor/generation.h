/* Front, keeper and nurseries of one configuration: they live and end together. */
#ifndef SITUS_SERVE_GENERATION_H
#define SITUS_SERVE_GENERATION_H

#include "serve/fetcher/fetcher_state.h"
#include "serve/fetcher/hook_state.h"
#include "serve/supervisor/generation_load.h"
#include "serve/supervisor/supervisor.h"
#include "serve/world/serve_listen.h"

#include <sys/types.h>

enum generation_part {
    GENERATION_FRONT,
    GENERATION_KEEPER,
    GENERATION_NURSERY, /* of the first build; that of the second is next */
    GENERATION_PARTS = GENERATION_NURSERY + JUDGE_BUILDS
};

struct generation {
    pid_t pid[GENERATION_PARTS]; /* 0: not there, or no more */
    pid_t leaving[JUDGE_BUILDS]; /* the nurseries before, until their judges have ended; 0: none */
    int keeper;                  /* where the keeper is told something, while any is there */
    int alive;                   /* how many are there */
    int64_t drain_ms, until;     /* until: wire_now by which it must have ended */
    const struct generation_wait *wait; /* what is done while processes start */
};

struct generation_sockets {
    int open, inside; /* listening; inside may be -1 */
};

/* generation_lives says that none of the processes of one that was started has ended. */
bool generation_lives(const struct generation *g);

/* generation_start makes the processes, and puts into the world until when it can be served. It returns once judges, keys
 * and collateral are loaded, and the front is made. False: said on stderr; what is there is to be killed. */
bool generation_start(struct generation *g, struct serve_world *world,
                      const struct supervisor_parts *parts,
                      const struct generation_sockets *sockets, const struct generation_wait *wait);

/* generation_tell tells the keeper until when a world's policies can be served, and of sources; generation_renew, while no
 * nurseries leave, has what the cache has now verified before, by nurseries whose judges are asked from then on; challenges
 * stay good. False: not now. */
bool generation_tell(struct generation *g, const struct serve_world *world,
                     const struct fetcher_state *fetched,
                     const struct hook_told hooks[SERVE_HOOKS]);
bool generation_renew(struct generation *g, struct serve_world *world, judge_work *work,
                      const struct fetcher_state *fetched,
                      const struct hook_told hooks[SERVE_HOOKS]);

/* generation_leaves says that nurseries before are still there. */
bool generation_leaves(const struct generation *g);

/* generation_drain asks it to finish; generation_kill ends it. */
void generation_drain(struct generation *g);
void generation_kill(struct generation *g);

/* generation_ended notes the end of a process: what it was, or NULL when it is another's. */
const char *generation_ended(struct generation *g, pid_t pid);

#endif
