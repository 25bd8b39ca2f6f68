/* One appraisal in the lab's Intel world: honest, until a test bends a member. */
#ifndef SITUS_TESTS_LAB_CASE_H
#define SITUS_TESTS_LAB_CASE_H

#include "lab/intel/lab_intel.h"
#include "support/appraise_quote.h"

#define LAB_CASE_AT INT64_C(1800000000)

struct lab_case {
    struct lab_world *w;
    struct lab_platform platform;
    struct lab_quote quote;
    struct lab_collateral collateral;
    const char *policy; /* NULL: genuine alone */
    int64_t at;
    struct span trust;  /* a trust file; empty: the lab's root alone */
    bool builtin;       /* the first anchor counts as one that is built in */
    unsigned leave_out; /* bit i: part i of lab_collateral_parts is not given */
    struct situs_item more, and_more;
    struct appraisal a;
};

/* Parts in the order of lab_collateral_parts. */
enum lab_case_part {
    PART_PCK_CRL_CHAIN,
    PART_ROOT_CRL,
    PART_PCK_CRL,
    PART_TCB_INFO_CHAIN,
    PART_TCB_INFO,
    PART_QE_IDENTITY_CHAIN,
    PART_QE_IDENTITY
};

/* lab_case_new is the case of an honest machine; version and body type as in lab_quote_tdx, or
 * LAB_BODY_SGX. The case is static: one at a time. */
struct lab_case *lab_case_new(struct lab_world *w, uint16_t version, uint16_t body_type);

/* lab_case_load loads collateral, trust and policy; false when the snapshot is refused (a.err). */
bool lab_case_load(struct lab_case *c);

/* lab_case_run loads and appraises; fails the test when the collateral or the quote does not read.
 * lab_case_free releases the snapshot. */
void lab_case_run(struct lab_case *c);
void lab_case_free(struct lab_case *c);

#endif
