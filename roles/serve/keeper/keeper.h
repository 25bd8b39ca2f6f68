/*
 * The keeper: the process that has the keys, the nonces and the clock, and says what a judge is asked. It never reads
 * evidence, and signs what two fresh judges, of two builds, said alike.
 */
#ifndef SITUS_SERVE_KEEPER_H
#define SITUS_SERVE_KEEPER_H

#include "audit/audit_log.h"
#include "serve/keeper/keeper_clock.h"
#include "serve/keeper/keeper_hooks.h"
#include "serve/keeper/keeper_issuer.h"
#include "serve/keeper/keeper_jobs.h"
#include "serve/keeper/keeper_machines.h"
#include "serve/keeper/keeper_nonce.h"
#include "serve/keeper/keeper_reports.h"
#include "serve/keeper/keeper_results.h"
#include "serve/keeper/keeper_spent.h"
#include "serve/keeper/keeper_store.h"
#include "serve/keeper/keeper_stream.h"
#include "serve/keeper/keeper_told.h"

/* What is known of whether a policy can be served. */
struct keeper_ready {
    int64_t at; /* when it was asked; 0: never */
    bool ok;
    struct situs_err why;
};

struct keeper {
    const struct serve_world *world;
    int front, supervisor; /* supervisor: -1: it says nothing more */
    struct serve_term terms[SERVE_POLICIES];
    struct fetcher_state fetched;
    struct keeper_clock clock;
    struct keeper_nonce nonce;
    struct keeper_spent spent;
    struct keeper_results results;
    struct keeper_reports reports;
    struct keeper_ready ready[SERVE_POLICIES];
    struct keeper_issuer issuers[KEEPER_ISSUERS];
    struct keeper_jobs jobs;
    struct keeper_pool pool;
    struct audit_log audit;
    struct keeper_store store;
    struct keeper_machines machines;
    struct keeper_hooks hooks;
    struct keeper_streams streams;
    uint64_t asked; /* of judges, so far */
};

/* Whom the keeper talks with. */
struct keeper_ends {
    int front, nursery[JUDGE_BUILDS], supervisor; /* the second nursery and supervisor may be -1 */
};

/* keeper_run serves whoever holds the other end of front, until that ends; the exit code of its process. A clock of
 * zeros is the system's. */
int keeper_run(const struct serve_world *world, const struct keeper_ends *ends,
               struct keeper_clock clock);

/* keeper_hear answers one ask of the front, with what came beside it, which it takes; an appraisal is answered later. */
void keeper_hear(struct keeper *k, const struct talk_ask *ask, int *fds, size_t n);

/* keeper_policies is sealed memory with the policies for who chooses one, as JSON: a descriptor, the caller's; or -1. */
int keeper_policies(const struct keeper *k);

/* keeper_answer sends an answer. */
void keeper_answer(struct keeper *k, const struct talk_answer *answer, const int *fds, size_t n);

/* keeper_record_begin opens what the configuration says is kept of appraisals; false: said on stderr. keeper_record_end
 * closes it. */
bool keeper_record_begin(struct keeper *k);
void keeper_record_end(struct keeper *k);

/* keeper_record_can says that there is where to put something on record, keeper_record puts all that was concluded there.
 * False: nothing may be answered but this. */
bool keeper_record_can(struct keeper *k, struct talk_answer *no);
bool keeper_record(struct keeper *k, struct talk_answer *no);

/* keeper_record_fails answers that what is on record was expected to give this, and is to be asked again; returns false. */
bool keeper_record_fails(struct talk_answer *no, const char *what);

/* keeper_alliance answers a job of the alliance's whose judges agree: its answer as sealed memory, or -1, and the answer says
 * why. */
int keeper_alliance(const struct keeper *k, struct keeper_job *job, struct talk_answer *answer);

/* keeper_is_ready says that a policy can be served at a time; else the answer says why not. keeper_issue makes N of a
 * session that is begun, and the session's text; false: it could not be. */
bool keeper_is_ready(struct keeper *k, int policy, int64_t at, struct talk_answer *answer);
bool keeper_issue(struct keeper *k, int policy, struct keeper_session *s, int64_t at,
                  struct talk_answer *answer);

/* keeper_say puts into an answer's detail what an error says. */
void keeper_say(struct talk_answer *answer, const struct situs_err *err);

#endif
