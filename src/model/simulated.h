/* A lab's anchors count only where the policy says so (DESIGN: simulated anchors). */
#ifndef SITUS_MODEL_SIMULATED_H
#define SITUS_MODEL_SIMULATED_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"

/* simulated_check fails the row, whose chain ends in the authority of the claims, when that anchor
 * is marked as simulated and the policy does not say "simulated": the claims are then nobody's.
 * Part is what was signed. */
void simulated_check(struct findings *f, enum check c, const struct policy *policy,
                     struct claims *claims, const char *part);

#endif
