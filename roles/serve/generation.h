/* Front, keeper and nursery of one configuration: they live and end together. */
#ifndef SITUS_SERVE_GENERATION_H
#define SITUS_SERVE_GENERATION_H

#include "serve/serve_listen.h"
#include "serve/supervisor.h"

#include <sys/types.h>

enum generation_part { GENERATION_FRONT, GENERATION_KEEPER, GENERATION_NURSERY, GENERATION_PARTS };

struct generation {
    pid_t pid[GENERATION_PARTS]; /* 0: not there, or no more */
    int alive;                   /* how many are there */
    int64_t drain_ms, until;     /* until: wire_now by which it must have ended */
};

struct generation_sockets {
    int open, inside; /* listening; inside may be -1 */
};

/* generation_start makes the processes. It returns once judge, keys and collateral are loaded, and the front is made.
 * False: said on stderr; what is there is to be killed. */
bool generation_start(struct generation *g, const struct serve_world *world,
                      const struct supervisor_parts *parts,
                      const struct generation_sockets *sockets);

/* generation_drain asks it to finish; generation_kill ends it. */
void generation_drain(struct generation *g);
void generation_kill(struct generation *g);

/* generation_ended notes the end of a process: what it was, or NULL when it is another's. */
const char *generation_ended(struct generation *g, pid_t pid);

#endif
