/* The result of one appraisal: what verdict, report and token writers read. */
#ifndef SITUS_MODEL_RESULT_H
#define SITUS_MODEL_RESULT_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"

enum verdict { VERDICT_NONE, VERDICT_REFUSED, VERDICT_TRUSTED };

/* The instances that evidence can have, each with its claims. */
enum instance {
    INSTANCE_TEE, /* a name of tees.def */
    INSTANCE_GUEST,
    INSTANCE_PLATFORM,
    INSTANCE_POE,   /* "poe": an ownership endorsement */
    INSTANCE_LIST,  /* "list": a machine list */
    INSTANCE_VOUCH, /* "vouch": another verifier's token */
    INSTANCE_COUNT
};

/* Several challenges at once; the result's round trip is the longest. */
struct round_trips {
    size_t n; /* 0: one challenge, or none */
    int64_t least_us, median_us;
};

/* How long the caller watched the machine without a gap; since 0: not. */
struct watched {
    int64_t since, until; /* Unix seconds */
    int64_t within_ms,
        longest_gap_ms; /* H, and the longest time from a question to the next answer */
};

/* A word about what no evidence shows, zero-terminated texts; by NULL: there is none. */
struct said {
    const char *image; /* the policy's name of the image that it is about; NULL: of none */
    const char *what, *by;
};

struct result {
    enum verdict verdict;
    int exit;
    bool archived; /* appraised as of a given time: no live proof */
    int64_t at;
    int64_t round_trip_us; /* as the caller measured it; 0: not */
    struct round_trips trips;
    struct watched watched; /* where fresh.continuity passed */
    const struct policy *policy;
    enum check_kind tee; /* of model/tees.def; KIND_ANY when no TEE evidence was read */
    unsigned held;       /* proofs that hold, enum proof or-ed */
    bool paravisor;      /* the TPM is in the TEE, by its own report (DESIGN: paravisor) */
    bool no_overlap;     /* the image shares no events with a TPM (DESIGN: measurements, 6) */
    struct claims claims[INSTANCE_COUNT];
    struct findings findings;
    struct situs_err err;   /* why reading stopped; code NONE otherwise */
    bool err_in_collateral; /* err is of loading collateral, not of reading evidence */
    bool err_in_request;    /* err is of what the caller gave beside them: no verdict, exit 1 */
    const char *notes[16];  /* what was accepted and deserves a word, as zero padding */
    size_t n_notes;
    uint32_t said_notes;               /* bit i: note i repeats one of these words */
    struct said image, host, platform; /* of the guest's image, the host's, the provider's vTPMs */
    struct span channel; /* SubjectPublicKeyInfo that the evidence speaks for; empty: none */
};

/* result_note adds a sentence (zero-terminated, outliving the result); what is over the limit is
 * lost. */
static inline void result_note(struct result *r, const char *note)
{
    if (note && r->n_notes < sizeof r->notes / sizeof *r->notes)
        r->notes[r->n_notes++] = note;
}

/* result_simulated says that an anchor in use is simulated. */
static inline bool result_simulated(const struct result *r)
{
    for (int i = 0; i < INSTANCE_COUNT; i++)
        if (r->claims[i].authority && r->claims[i].authority->simulated)
            return true;
    return false;
}

#endif
