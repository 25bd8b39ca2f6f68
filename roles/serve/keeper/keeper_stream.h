/* Who waits for what happens to watched machines: an ask is answered when an event is on record that it has not, or after a
 * while without one. */
#ifndef SITUS_SERVE_KEEPER_STREAM_H
#define SITUS_SERVE_KEEPER_STREAM_H

#include "serve/world/talk.h"

#define KEEPER_STREAMS 16      /* asks that wait */
#define KEEPER_STREAM_MS 15000 /* for which one waits without an event */

struct keeper;

struct keeper_streams {
    struct keeper_stream {
        uint64_t id, after;
        bool
            first; /* who begins is answered as soon as can be, so that he knows that he is heard */
        int64_t until; /* milliseconds of the steady clock */
    } v[KEEPER_STREAMS];
    size_t n;
    uint64_t last; /* number of the last event, by whichever keeper, when it was looked last */
};

/* keeper_stream_ask takes an ask, which is answered later. False: the answer says why not. */
bool keeper_stream_ask(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer);

/* keeper_stream_turn answers who has waited enough. */
void keeper_stream_turn(struct keeper *k);

#endif
