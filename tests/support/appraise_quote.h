/* One quote with its collateral through reading, verification and TCB rating, as tests need it. */
#ifndef SITUS_TESTS_APPRAISE_QUOTE_H
#define SITUS_TESTS_APPRAISE_QUOTE_H

#include "model/policy.h"
#include "tee/intel/quote_verify.h"
#include "tee/intel/snapshot.h"

struct appraisal {
    struct quote quote;
    const struct trust *trust; /* NULL: the built-in anchors */
    struct snapshot snapshot;
    struct policy policy;
    struct claims claims;
    struct findings findings;
    struct situs_err err; /* of reading quote or collateral */
    bool loaded;
    struct quote_cache *cache; /* given by the test, or NULL */
    uint8_t memory[1 << 20];
    struct arena arena;
};

/* appraise_load takes the parts of a snapshot and a policy text (NULL: genuine alone, defaults).
 * False, with err, when the snapshot is refused; a bad policy fails the test. appraise_free
 * releases the snapshot. */
bool appraise_load(struct appraisal *a, const struct situs_item *parts, size_t n,
                   const char *policy);
void appraise_free(struct appraisal *a);

/* appraise_vector is appraise_load with the collateral.json of a folder of tdx/, which must
 * load. */
void appraise_vector(struct appraisal *a, const char *folder, const char *policy);

/* appraise_quote runs the bytes through everything; false when they do not read. Findings and
 * claims are those of this run. */
bool appraise_quote(struct appraisal *a, struct span bytes, int64_t at);

/* appraise_exit is the smallest exit code of the failed rows, 0 when all four rows passed, -1 when
 * some did not run. */
int appraise_exit(const struct appraisal *a);

#endif
