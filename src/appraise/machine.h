/* One machine, two parties: whoever vouches for the TPM and whoever answers for the platform. */
#ifndef SITUS_APPRAISE_MACHINE_H
#define SITUS_APPRAISE_MACHINE_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"

/*
 * machine_check decides machine.same (docs/DESIGN.md 13). A registrar's AK certificate names the
 * platform: it must be the quote's. Other providers do not: the policy must say that the anchor of
 * the AK certificate and those of the n endorsement claim sets belong to one party, which is asked
 * only where the policy requires binding and ownership together; and an owner id in the TD report
 * that is not zero must be the one of Google's instance.
 */
void machine_check(struct findings *f, const struct policy *policy, const struct claims *tee,
                   const struct claims *guest, const struct claims *const *endorsements, size_t n);

#endif
