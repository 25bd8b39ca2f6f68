/* ref.guest: the guest runs a closed image that the policy names (DESIGN: closed references). */
#ifndef SITUS_APPRAISE_REFERENCE_H
#define SITUS_APPRAISE_REFERENCE_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"

/* The logs that came with the TD quote; NULL: none. They need not hold: where a reference gives
 * RTMR1 by lists, the order of the TPM's log is a witness, and the quoted register decides. */
struct reference_logs {
    const struct events *ccel, *guest;
};

/* reference_find is the policy's guest image with exactly this MRTD and these RTMR0-3, or NULL. */
const struct reference *reference_find(const struct policy *p, const struct claims *td,
                                       const struct reference_logs *logs);

/*
 * reference_check decides ref.guest, and returns the image that matches, closed or not. A failure
 * names the first register in which the nearest image differs, or the first point of "closed" that
 * is not stated of the image that matches.
 */
const struct reference *reference_check(struct findings *f, const struct policy *p,
                                        const struct claims *td, const struct reference_logs *logs);

#endif
