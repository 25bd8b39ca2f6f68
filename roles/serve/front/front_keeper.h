/* The keeper, as the front sees it: asks go out, answers come in any order, nobody waits in it. */
#ifndef SITUS_SERVE_FRONT_KEEPER_H
#define SITUS_SERVE_FRONT_KEEPER_H

#include "serve/front/front_call.h"

#define FRONT_PATIENCE 60000 /* milliseconds that an answer may take */

struct front_keeper {
    int fd;                   /* -1: it is gone */
    struct front_call **slot; /* who waits for an answer; slot 0 is nobody's */
    size_t slots, waiting;
    uint64_t asks;
    int64_t looked;                  /* wire_now */
    struct front_call *first, *last; /* asks that the socket did not take yet */
};

/* front_keeper_new has room for so many asks at once; false: no memory. */
bool front_keeper_new(struct front_keeper *k, int fd, size_t most);
void front_keeper_free(struct front_keeper *k);

/*
 * front_keeper_ask sends c->ask, of which kind and what it needs are set, and c->evidence, which it
 * takes over; answered is then called once. When that cannot be, the call is refused now.
 */
void front_keeper_ask(struct front_keeper *k, struct front_call *c,
                      void (*answered)(struct front_call *c, const struct talk_answer *a,
                                       const struct front_texts *t));

/* front_keeper_forget ends what a call waits for. */
void front_keeper_forget(struct front_keeper *k, struct front_call *c);

/* front_keeper_events are the events of poll(2) to wait for; front_keeper_turn reads and sends what
 * can be, and refuses whom the keeper let wait too long. */
short front_keeper_events(const struct front_keeper *k);
void front_keeper_turn(struct front_keeper *k);

/* front_keeper_end refuses all that wait. */
void front_keeper_end(struct front_keeper *k);

#endif
