/*
 * One appraisal of the command line: what situs verify and situs connect share. Options are loaded
 * before anything is asked or read; what is decided is decided in the library (situs.h).
 */
#ifndef SITUS_VERIFIER_APPRAISAL_H
#define SITUS_VERIFIER_APPRAISAL_H

#include "collateral/collateral.h"
#include "frame/args.h"
#include "frame/load.h"
#include "situs.h"
#include "verifier/auto_collateral.h"
#include "verifier/list_seen.h"

/* The options, as text. NULL: not given. */
struct appraisal_options {
    const char *policy, *trust, *ccel, *pcr_log, *nonce, *channel, *at, *warn_days;
    struct words collateral, endorsements, seen;
    struct args_report report;
};

/* The rows of an option table that both commands have; o is an lvalue. */
#define APPRAISAL_OPTIONS(o)                                                                 \
    OPTION_VALUE("policy", 'p', "FILE|PRESET", &(o).policy, "what to demand (required)"),    \
        OPTION_LIST("collateral", 'c', "FILE|DIR|auto", &(o).collateral,                     \
                    "the maker's collateral"),                                               \
        OPTION_LIST("endorsement", 'e', "FILE", &(o).endorsements,                           \
                    "who answers for the machine; CRLs of issuers"),                         \
        OPTION_VALUE("trust", 't', "FILE", &(o).trust, "trust anchors (default: built in)"), \
        OPTION_LIST_SEEN(&(o).seen),                                                         \
        OPTION_VALUE("warn-days", 0, "DAYS", &(o).warn_days,                                 \
                     "warn when a yes ends within so many"),                                 \
        OPTION_REPORT((o).report)

/* Another answer to the same question: of challenges at once, all must be good. */
struct appraisal_answer {
    struct file input;
    struct args_nonce nonce;
};

/* Everything that was loaded for them. What a connection brought is put in before appraisal_run:
 * input, channel, nonce. */
struct appraisal {
    struct appraisal_options options;
    struct file input, ccel, pcr_log, channel, endorsement[SITUS_ENDORSEMENTS];
    struct situs_item item[SITUS_ENDORSEMENTS];
    struct loaded_endorsements words;
    struct args_nonce nonce;
    int64_t at, round_trip_us; /* 0: not measured */
    uint64_t warn_days;
    struct situs_round_trips trips;
    struct appraisal_answer *more; /* malloc'd, as their inputs are */
    size_t n_more;
    struct loaded_policy policy;
    struct loaded_trust trust;
    struct collateral collateral;
    struct loaded_snapshot snapshot;
    struct list_seen seen;
    char cache[PATH_MAX];           /* the directory of --collateral auto */
    struct situs_err refused;       /* why what was read refuses already; code NONE: it does not */
    enum situs_input refused_input; /* and what that was: evidence, or collateral */
};

/* appraisal_load reads policy, trust and time. False: said on stderr, exit 1. */
bool appraisal_load(struct appraisal *x);

/* appraisal_run reads the other files, and path when there is no input yet, appraises, and prints
 * the report: the exit code. Of several answers it reports the first that is refused, else
 * input. */
int appraisal_run(struct appraisal *x, const char *path);

/* What appraisal_run does, in parts. appraisal_read reads those files; false: said on stderr, exit
 * 1. appraisal_judge appraises them by a policy, as often as wanted, in appraisal_memory bytes: what
 * is read must outlive the result. NULL: there is too little. appraisal_request is what it asks. */
bool appraisal_read(struct appraisal *x, const char *path);
size_t appraisal_memory(const struct appraisal *x);
const struct situs_result *appraisal_judge(const struct appraisal *x,
                                           const struct situs_policy *policy,
                                           struct situs_memory memory);
struct situs_request appraisal_request(const struct appraisal *x,
                                       const struct situs_policy *policy);

/* appraisal_free accepts the zero state. */
void appraisal_free(struct appraisal *x);

#endif
