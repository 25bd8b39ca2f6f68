/* The result of one appraisal: what report and token writers read. */
#ifndef SITUS_MODEL_RESULT_H
#define SITUS_MODEL_RESULT_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"

#define RESULT_INSTANCES 3 /* tee, tpm.guest, tpm.platform */

enum verdict { VERDICT_NONE, VERDICT_REFUSED, VERDICT_TRUSTED };

struct result {
    enum verdict verdict;
    int exit;
    bool simulated; /* an anchor in use is */
    bool archived;  /* appraised as of a given time: no live proof */
    int64_t at;
    const struct policy *policy;
    unsigned held; /* proofs that hold, enum proof or-ed */
    struct claims claims[RESULT_INSTANCES];
    size_t n_claims;
    struct findings findings;
    struct situs_err err;  /* why reading stopped; code NONE otherwise */
    enum check_kind tee;   /* KIND_TDX or KIND_SGX, KIND_ANY when no TEE evidence was read */
    const char *notes[16]; /* what was accepted and deserves a word, as zero padding */
    size_t n_notes;
};

#endif
