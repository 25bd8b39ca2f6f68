/* The judges that the keeper has: twice as many as work at once, so that fresh ones are there when others end. */
#ifndef SITUS_SERVE_KEEPER_POOL_H
#define SITUS_SERVE_KEEPER_POOL_H

#include "serve/judge.h"

#define KEEPER_POOL_MOST 128

struct keeper_judge {
    int socket, handle; /* -1: none in this place */
    int64_t asks;       /* that it had */
    uint64_t era;       /* of the nursery that made it */
    int64_t deadline;   /* of the one that it has, milliseconds of the steady clock */
    void *job;          /* whose it is; NULL: none */
};

struct keeper_pool {
    int nursery,
        leaving; /* leaving: of the era before, until the last of its judges ended; -1: none */
    uint64_t era;
    struct keeper_judge v[KEEPER_POOL_MOST];
    size_t n, ordered, busy, busy_most;
};

/* keeper_pool_new makes an empty pool for so many judges at once. */
void keeper_pool_new(struct keeper_pool *p, int nursery, size_t at_once);

/* keeper_pool_fill orders judges for the empty places; keeper_pool_take takes one that was made. False: there is no
 * nursery any more. */
bool keeper_pool_fill(struct keeper_pool *p);
bool keeper_pool_take(struct keeper_pool *p);

/* keeper_pool_renew takes judges of another nursery from now on. Those of the one before that are at work finish; it is
 * let go with the last of them. */
void keeper_pool_renew(struct keeper_pool *p, int nursery);

/* keeper_pool_find is a judge that may be asked: a fresh one, or one of any age (the eldest); NULL: none now. */
struct keeper_judge *keeper_pool_find(struct keeper_pool *p, bool fresh);

/* keeper_pool_ask gives a judge its ask, for a job, with evidence and numbers of lists (-1: none). False: it is gone, and
 * its place is empty. */
bool keeper_pool_ask(struct keeper_pool *p, struct keeper_judge *j, const struct judge_ask *ask,
                     const int fds[2], void *job, int64_t deadline);

/* keeper_pool_answer takes a judge's answer to this ask, with the report. False: it is none; end the judge. */
bool keeper_pool_answer(struct keeper_pool *p, struct keeper_judge *j, uint64_t id,
                        struct token_record *record, int *report);

/* keeper_pool_end ends a judge, whatever it does, and empties its place. */
void keeper_pool_end(struct keeper_pool *p, struct keeper_judge *j);

#endif
