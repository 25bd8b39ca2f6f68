/* Intel's rules for a TCB status, without policy and without time (DESIGN: TCB rules). */
#ifndef SITUS_TEE_INTEL_TCB_RULES_H
#define SITUS_TEE_INTEL_TCB_RULES_H

#include "tee/intel/tcb.h"

struct tcb_rating {
    enum tcb_status status;     /* all folded into one */
    enum tcb_status qe, module; /* module: TCB_NONE where none is rated */
    enum tcb_status updated;    /* what status would be if nothing were out of date */
    bool dated;
    int64_t date;            /* earliest of the matched levels, when dated */
    int64_t late_since;      /* earliest of those that are out of date; date where none is */
    struct span *advisories; /* union, sorted */
    struct span *shortfalls; /* texts: what is below the newest level */
    size_t n_advisories, n_shortfalls;
};

/* tcb_rules_rate rates what the claims of a verified quote say. False: the quoting enclave or the
 * TDX module is not the one that the collateral names (not-allowed), or no memory. */
bool tcb_rules_rate(struct tcb_rating *r, const struct claims *c, const struct tcb_info *info,
                    const struct qe_identity *qe, struct arena *a, struct situs_err *err);

#endif
