/*
 * The machines that a keeper watches (DESIGN: continuity): it says whom the front dials and with which N, takes what became of it,
 * and puts what is worse on record before anything is told.
 */
#ifndef SITUS_SERVE_KEEPER_MACHINES_H
#define SITUS_SERVE_KEEPER_MACHINES_H

#include "serve/keeper/machine_store.h"
#include "serve/world/talk.h"
#include "token/token.h"

#define KEEPER_WATCHERS 8 /* asks of the front for whom to dial, at once */
#define KEEPER_MACHINE_EVENTS 8
#define KEEPER_MACHINE_SEEN 4

struct keeper;
struct keeper_job;

struct keeper_machine {
    struct continuity_row row;
    struct continuity_event events[KEEPER_MACHINE_EVENTS]; /* not on record yet */
    struct machine_seen seen[KEEPER_MACHINE_SEEN];         /* and good answers */
    size_t n_events, n_seen, tried_events, tried_seen;     /* tried: by the last transaction */
    bool changed, worse;                                   /* than what is on record */
    bool gone;                                             /* another keeper took it over */
};

struct keeper_machines {
    struct keeper_machine *v;
    size_t n;
    struct machine_store store, tried; /* tried: after the last transaction, if it counted */
    bool unsure;                       /* nobody said whether it did */
    bool asked;             /* there is a front: before it, the keeper of before watches */
    bool claimed, unmarked; /* unmarked: the mark is behind the record */
    bool failing;           /* that it cannot be written was said */
    int64_t claims;         /* of all keepers, that were seen */
    bool worse;             /* that of some machine */
    unsigned steps;         /* of the clock, that were seen */
    int64_t flushed, looked, compacted; /* milliseconds of the steady clock */
    uint64_t asks[KEEPER_WATCHERS];
    size_t n_asks;
};

/* keeper_machines_new makes room for those of the configuration; false: no memory. */
bool keeper_machines_new(struct keeper *k);

/* keeper_machines_free puts on record what is not yet, where that can be. */
void keeper_machines_free(struct keeper *k);

/* keeper_machines_turn takes the time, and gives machines that are due to the front. */
void keeper_machines_turn(struct keeper *k);

/* keeper_machines_safe says that all that is worse than what was told is on record. */
bool keeper_machines_safe(struct keeper *k);

/* keeper_machines_due takes an ask of the front's for whom to dial; false: it has too many. */
bool keeper_machines_due(struct keeper *k, uint64_t id);

/* keeper_machines_session is the machine, counted from 1, whose N is out in a session; 0: it is none's. */
size_t keeper_machines_session(const struct keeper *k, const uint8_t session[16]);

/* keeper_machines_received notes that a machine's N is answered; false: too late. keeper_machines_silent notes that it will
 * not be; asked: the machine was. */
bool keeper_machines_received(struct keeper *k, size_t machine, const uint8_t session[16]);
void keeper_machines_silent(struct keeper *k, const uint8_t session[16], bool asked);

/* keeper_machines_answered takes what the judges of a job said; held: of an identity that another machine has.
 * keeper_machines_failed takes that they said nothing. */
void keeper_machines_answered(struct keeper *k, const struct keeper_job *job, bool held);
void keeper_machines_failed(struct keeper *k, const struct keeper_job *job);

/* keeper_machines_hold says that an appraisal is of an identity which another machine holds, and notes it. */
bool keeper_machines_hold(struct keeper *k, const struct keeper_job *job);

/* keeper_machines_span is that of the machine which an appraisal under the same policy is of; zeros: it is in none. */
struct token_span keeper_machines_span(struct keeper *k, int policy,
                                       const struct token_record *record);

/* keeper_machines_ready says that what is known is on record, and may be told. keeper_machines_is_ours says that nobody took a
 * machine over since; false: err, or it is gone. */
bool keeper_machines_ready(struct keeper *k);
bool keeper_machines_is_ours(struct keeper *k, size_t i, struct situs_err *err);

/* keeper_machines_tell is what MACHINE and EVENTS ask, as sealed memory; -1: the answer says why not. */
int keeper_machines_tell(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer);

#endif
