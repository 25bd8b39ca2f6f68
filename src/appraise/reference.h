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

/*
 * reference_check decides ref.guest, and returns the policy's image with exactly this MRTD and
 * these RTMR0-3, closed or not; NULL: none. A failure names the first register in which the nearest
 * image differs, or the first point of "closed" that is not stated of the image that matches.
 */
const struct reference *reference_check(struct findings *f, const struct policy *p,
                                        const struct claims *td, const struct reference_logs *logs);

#endif
