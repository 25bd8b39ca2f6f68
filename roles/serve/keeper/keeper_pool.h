/* The judges that the keeper has: of each build as many as work at once, and as many again of the first, whose judges are
 * kept for reports, so that fresh ones are there when others end. */
#ifndef SITUS_SERVE_KEEPER_POOL_H
#define SITUS_SERVE_KEEPER_POOL_H

#include "serve/judge/judge.h"

#define KEEPER_POOL_MOST 192

struct keeper_judge {
    int socket, handle; /* -1: none in this place */
    int64_t asks;       /* that it had */
    size_t build;       /* and era: of the nursery that made it */
    uint64_t era;
    int64_t deadline; /* of the one that it has, milliseconds of the steady clock */
    void *job;        /* whose it is; NULL: none */
};

struct keeper_nursery {
    int socket,
        leaving;    /* leaving: of the era before, until the last of its judges ended; -1: none */
    size_t ordered; /* judges that it has not made yet */
};

struct keeper_pool {
    struct keeper_nursery nursery[JUDGE_BUILDS];
    size_t builds;
    uint64_t era;
    struct keeper_judge v[KEEPER_POOL_MOST];
    size_t n, busy, busy_most;
};

/* keeper_pool_new makes an empty pool for so many judges at once; of the second build there are none where its nursery is
 * -1. */
void keeper_pool_new(struct keeper_pool *p, const int nurseries[JUDGE_BUILDS], size_t at_once);

/* keeper_pool_fill orders judges for the empty places; keeper_pool_take takes one of a build that was made. False: there is
 * no nursery of it any more. */
bool keeper_pool_fill(struct keeper_pool *p);
bool keeper_pool_take(struct keeper_pool *p, size_t build);

/* keeper_pool_renew takes judges of other nurseries from now on. Those of the ones before that are at work finish; these
 * are let go with the last of them. */
void keeper_pool_renew(struct keeper_pool *p, const int nurseries[JUDGE_BUILDS]);

/* keeper_pool_leaves says that nurseries of the era before are still there. */
bool keeper_pool_leaves(const struct keeper_pool *p);

/* keeper_pool_find is a judge of a build that may be asked: a fresh one, or one of any age (the eldest); NULL: none now. For a
 * watched machine one more works than for all others. */
struct keeper_judge *keeper_pool_find(struct keeper_pool *p, size_t build, bool fresh,
                                      bool watched);

/* keeper_pool_ask gives a judge its ask, for a job, with evidence and numbers of lists (-1: none). False: it is gone, and
 * its place is empty. */
bool keeper_pool_ask(struct keeper_pool *p, struct keeper_judge *j, const struct judge_ask *ask,
                     const int fds[2], void *job, int64_t deadline);

/* keeper_pool_answer takes a judge's answer to this ask, with the report where one was wanted (else -1). False: it is none;
 * end the judge. */
bool keeper_pool_answer(struct keeper_pool *p, struct keeper_judge *j, const struct judge_ask *ask,
                        struct token_record *record, int *report);

/* keeper_pool_end ends a judge, whatever it does, and empties its place. */
void keeper_pool_end(struct keeper_pool *p, struct keeper_judge *j);

#endif
