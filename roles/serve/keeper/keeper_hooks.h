/* Webhooks, as the keeper has them: it signs what waits, one event of each webhook at once and in order, tells the supervisor, and
 * takes it off the record when it was handed over. DESIGN: continuity. */
#ifndef SITUS_SERVE_KEEPER_HOOKS_H
#define SITUS_SERVE_KEEPER_HOOKS_H

#include "base/wr.h"
#include "serve/fetcher/hook_state.h"

struct keeper;

struct keeper_hook {
    uint64_t id;    /* of the attempt that is out; 0: none */
    int64_t number; /* of its event */
    int64_t sent,
        next;        /* milliseconds of the steady clock: when it went; not before this the next */
    int64_t event;   /* one above the last on record when nothing waited; 0: not looked */
    int64_t waiting; /* events, when it was looked last */
    unsigned tries;  /* in a row that failed */
    uint64_t handed, failed;
};

struct keeper_hooks {
    struct keeper_hook v[SERVE_HOOKS];
};

/* keeper_hooks_turn gives the supervisor what waits and is due. */
void keeper_hooks_turn(struct keeper *k);

/* keeper_hooks_told takes what became of attempts. */
void keeper_hooks_told(struct keeper *k, const struct hook_told told[SERVE_HOOKS]);

/* keeper_hooks_metrics adds what is known of webhooks (OpenMetrics). */
void keeper_hooks_metrics(const struct keeper *k, struct wr *w);

#endif
