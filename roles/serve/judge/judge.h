/*
 * A judge: a process that appraises what it is handed and has nothing else. No file, no network, no clock: policies,
 * trust and collateral are there before it is made, evidence and time come with each ask, and seccomp(2) ends it when it
 * wants more. The nursery makes them by fork(2); the keeper asks them, and ends them.
 */
#ifndef SITUS_SERVE_JUDGE_H
#define SITUS_SERVE_JUDGE_H

#include "base/span.h"
#include "serve/world/serve_loaded.h"
#include "serve/world/serve_seen.h"
#include "serve/world/talk.h"
#include "token/record.h"

#define JUDGE_REPORT_MAX (1024 * 1024) /* bytes of a report */
#define JUDGE_BUILDS \
    2 /* of the same sources: that of the service, and situs-judge, by another compiler or otherwise */

/* What the keeper asks, with one descriptor or two, sealed: the evidence; numbers of lists (struct serve_seen). All that decides but the evidence is the keeper's. */
struct judge_ask {
    uint64_t id;
    int64_t at; /* Unix seconds */
    uint64_t evidence_size;
    uint32_t policy; /* its index in the configuration */
    uint32_t archived, has_nonce, round_trip_us, channel_size;
    uint32_t seen;   /* numbers of lists beside it */
    uint32_t report; /* 1: one is wanted beside the record */
    uint8_t nonce[32];
    uint8_t channel[TALK_CHANNEL];
    struct situs_span
        span; /* in which the machine is that it is of, as the keeper knows; since 0: none */
};

/* What a judge answers, with the report, sealed, where one was wanted. One that cannot answer ends. */
struct judge_answer {
    uint64_t id;
    struct token_record record;
};

/* What comes beside an ask. */
struct judge_given {
    struct span evidence;
    const struct situs_seen *seen; /* numbers of lists that were seen before */
    size_t n_seen;
};

/* A judge's work: the record of one ask, and where it is wanted the report (a descriptor of sealed memory; else -1). False:
 * no answer, and the judge ends. */
typedef bool judge_work(const struct serve_world *world, const struct judge_ask *ask,
                        const struct judge_given *given, struct token_record *record, int *report);

/* judge_appraise is that of the product. */
judge_work judge_appraise;

/* What a judge may have, made once for all that a nursery forks. */
struct judge_bounds {
    void *filter; /* struct sock_filter of seccomp(2), n of them */
    unsigned short n;
    uint64_t memory; /* bytes of address space */
};

/* judge_bounds_new lets judges have memory bytes more than this process has now, and of the system calls only what
 * reading, computing and answering on descriptor JUDGE_SOCKET takes. judge_confine takes from this process all else, and
 * descriptors behind that one. False: it could not be taken, and nothing may be judged. */
#define JUDGE_SOCKET 3
bool judge_bounds_new(struct judge_bounds *b, int64_t memory);
bool judge_confine(const struct judge_bounds *b);

/* What the nursery is asked, and what it answers with two descriptors: the judge's socket, and the judge (pidfd). */
struct nursery_ask {
    uint32_t judges; /* to be made: 1 */
};
struct nursery_answer {
    int32_t pid;
};

/* judge_nursery makes judges for whoever holds the other end of socket, until that ends; the exit code of its process.
 */
int judge_nursery(const struct serve_world *world, judge_work *work, int socket);

#endif
