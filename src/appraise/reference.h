/* ref.guest: the guest runs an image that the policy names (docs/DESIGN.md 2). */
#ifndef SITUS_APPRAISE_REFERENCE_H
#define SITUS_APPRAISE_REFERENCE_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"

/* reference_find is the policy's guest image with exactly this MRTD and these RTMR0-3, or NULL. */
const struct reference *reference_find(const struct policy *p, const struct claims *td);

/* reference_check decides ref.guest. A failure names the first register in which the nearest image
 * differs. */
void reference_check(struct findings *f, const struct policy *p, const struct claims *td);

#endif
