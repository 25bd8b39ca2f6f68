/* ak.enrolled, ak.sealed, ak.boot and machine.same: the attestation key of bare metal is one of the
 * certified machine, in this boot, under an approved host (DESIGN: attestation key). */
#ifndef SITUS_APPRAISE_SEAL_H
#define SITUS_APPRAISE_SEAL_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"

/* seal_check_enrolled decides ak.enrolled: the AK certificate says that a key of this very Name
 * lies in the machine's own TPM. */
void seal_check_enrolled(struct findings *f, const struct claims *platform);

/* seal_check_boot decides ak.boot: the TPM's counters are those of the enrolment. */
void seal_check_boot(struct findings *f, const struct claims *platform);

/* seal_check_machine decides machine.same on bare metal: the platform instance id of the TD quote's
 * PCK certificate is the one that the registrar ties to the TPM. */
void seal_check_machine(struct findings *f, const struct claims *td, const struct claims *platform);

/* The authPolicy of a key sealed to P: PolicyOR(P, P and PolicyCommandCode(ActivateCredential)); P
 * is PolicyPCR of the host's registers, or PolicyAuthorize of the provider's key. False when
 * hashing fails. */
bool seal_policy_host(const struct host_reference *host, uint8_t out[32]);
bool seal_policy_authorized(struct span key_name, struct span policy_ref, uint8_t out[32]);

/*
 * seal_check_sealed decides ak.sealed: auth_policy, of the AK's public area, is exactly the
 * policy's form (ak.sealed.form) over the host that runs (NULL: none that the policy knows), and
 * the qualified signer of the quote is this AK under the certified EK.
 */
void seal_check_sealed(struct findings *f, const struct policy *p, const struct claims *platform,
                       struct span auth_policy, const struct host_reference *host);

#endif
