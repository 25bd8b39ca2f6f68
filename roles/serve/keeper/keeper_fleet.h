/* All machines that a keeper watches, told a page at a time (openapi.json: /v1/machines). */
#ifndef SITUS_SERVE_KEEPER_FLEET_H
#define SITUS_SERVE_KEEPER_FLEET_H

#include "serve/world/talk.h"

#define KEEPER_FLEET_PAGE 32 /* machines of an answer */

struct keeper;

/* keeper_fleet_tell is what MACHINES asks, as sealed memory: those whose names follow ask->machine, in the order of bytes. One that
 * another keeper took over is told as such, with no state. -1: the answer says why not. */
int keeper_fleet_tell(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer);

#endif
