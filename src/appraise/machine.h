/* One machine, two parties: whoever vouches for the TPM and whoever answers for the platform; and
 * the machines that the policy denies whoever vouches. */
#ifndef SITUS_APPRAISE_MACHINE_H
#define SITUS_APPRAISE_MACHINE_H

#include "model/result.h"
#include "model/trust.h"

/*
 * machine_check decides machine.same of a managed machine (DESIGN: ownership, 8). What a
 * certificate of the AK names must be the quote's, whatever the policy asks for: the platform
 * instance id of a registrar's (a quote without one is another machine's), the instance of Google's
 * where the owner id in the TD report is not zero. Where the policy requires binding and ownership
 * together and no PIID is named, it must also say that the anchor of the AK certificate and those
 * of the n endorsement claim sets belong to one party.
 */
void machine_check(struct findings *f, const struct policy *policy, const struct claims *tee,
                   const struct claims *guest, const struct claims *const *endorsements, size_t n);

/* machine_owner_absent says that Google's certificate of the TPM names an instance and the owner id in
 * the TD report is zero: the TD says nothing of it. */
bool machine_owner_absent(const struct claims *tee, const struct claims *guest);

/* machine_parties_known says that every anchor that machine.same.parties pairs is one of the trust's:
 * a misspelt one would tie nothing, and let a list that takes a TPM back go unheard. Else unknown. */
bool machine_parties_known(const struct policy *policy, const struct trust *trust,
                           struct situs_err *err);

/*
 * machine_check_denied decides machine.denied: it fails when the policy's own deny list
 * (poe.revoked.deny) names any id of the machine that verified evidence states: PIID, PPID,
 * CHIP_ID, EK and AK Names of guest and platform. Where there is such a list and no verified quote
 * says which machine it is, it is not run. Every proof needs it, also those that ask for no
 * endorsement.
 */
void machine_check_denied(struct result *r);

#endif
