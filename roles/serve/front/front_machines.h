/* Watched machines, as the front sees them: it asks the keeper whom to dial, dials, and brings the answer or says that there
 * was none, several at once and for as long as it runs. */
#ifndef SITUS_SERVE_FRONT_MACHINES_H
#define SITUS_SERVE_FRONT_MACHINES_H

#include "serve/front/front_call.h"

#define FRONT_WATCHERS 8

/* Calls of nobody's: http is NULL, and they are answered whatever the keeper says. */
struct front_machines {
    struct front_call v[FRONT_WATCHERS];
    bool busy[FRONT_WATCHERS];
    int64_t again[FRONT_WATCHERS]; /* wire_now before which one that ended is not begun */
    size_t n;
};

/* front_machines_new begins nothing yet; front_machines_turn begins what does not run. */
void front_machines_new(struct front *f);
void front_machines_turn(struct front *f);

#endif
