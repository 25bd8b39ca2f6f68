/* Appraisals that were asked for: each waits for its judges, in the order in which they came, and ends with one answer
 * to the front. */
#ifndef SITUS_SERVE_KEEPER_JOBS_H
#define SITUS_SERVE_KEEPER_JOBS_H

#include "serve/keeper/keeper_pool.h"

struct keeper;

/* One of at most two appraisals of a job. */
struct keeper_run {
    struct keeper_judge *judge; /* NULL: not begun, or done */
    bool done;
    int report;
    struct token_record record;
};

struct keeper_job {
    struct keeper_job *next; /* in its list */
    uint64_t front_id;
    struct judge_ask ask; /* with an id of its own */
    int evidence, policy;
    bool watched;              /* an answer to the N of a watched machine */
    bool want_token, alliance; /* alliance: it is that of keeper_alliance */
    bool kept;                 /* its report is to be kept */
    bool taken;                /* taken: the relying party chose N, and party_nonce is it */
    uint8_t session[16];       /* its id; zero: archived */
    size_t machine;            /* watched, counted from 1, whose N it is; 0: nobody's */
    bool has_peer; /* the front shook hands with the holder of the key whose hash is peer */
    uint8_t peer[32];
    uint8_t nonce[TALK_NONCE], party_nonce[TALK_NONCE];
    size_t nonce_size, party_nonce_size;
    int64_t until; /* when N ends; 0: archived */
    int64_t
        deadline; /* by which its appraisals must have begun, milliseconds of the steady clock */
    size_t needs; /* appraisals */
    struct keeper_run run[2];
    bool concluded; /* its answer waits to be put on record */
    struct talk_answer answer;
    int token; /* -1: none */
    uint8_t token_id[16];
};

struct keeper_jobs {
    struct keeper_job *all, *free, *first, *last; /* free; those at work */
    size_t most, others;                          /* others: that are of no watched machine */
    size_t concluded;
};

/* keeper_jobs_new makes room for so many, and for answers of watched machines, in which nobody else gets a place; false: no
 * memory. */
bool keeper_jobs_new(struct keeper_jobs *j, size_t most);
void keeper_jobs_free(struct keeper_jobs *j);

/* keeper_jobs_begin takes a free job, zeroed, out of the list; NULL: all are at work. keeper_jobs_add puts it at work, those of
 * watched machines before all others; keeper_jobs_give_back, unused, into the list again. */
struct keeper_job *keeper_jobs_begin(struct keeper_jobs *j, bool watched);
void keeper_jobs_add(struct keeper_jobs *j, struct keeper_job *job);
void keeper_jobs_give_back(struct keeper_jobs *j, struct keeper_job *job);

/* keeper_jobs_anew lets those that have not all their judges begin once more: two of one job are of one nursery. */
void keeper_jobs_anew(struct keeper *k);

/* keeper_jobs_turn gives idle judges to those who wait, and ends what took too long; now is of the steady clock. */
void keeper_jobs_turn(struct keeper *k, int64_t now);

/* keeper_jobs_hear takes what a judge says, or that it has ended. */
void keeper_jobs_hear(struct keeper *k, struct keeper_judge *judge);

/* keeper_jobs_answer answers what was concluded, once it is on record. */
void keeper_jobs_answer(struct keeper *k);

#endif
