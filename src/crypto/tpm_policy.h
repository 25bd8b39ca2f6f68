/* Policy digests and qualified names of the TPM, as the TPM computes them (TPM 2.0 part 1, 16 and
 * 19.7; part 3, 23). All policies are of SHA-256 sessions: the nameAlg of the keys that they
 * seal. */
#ifndef SITUS_CRYPTO_TPM_POLICY_H
#define SITUS_CRYPTO_TPM_POLICY_H

#include "crypto/digest.h"

#define TPM_POLICY_SIZE 32

/* TPM_CC (part 2, 6.5.2) and TPM_RH (part 2, 7.4). */
#define TPM_CC_ACTIVATE_CREDENTIAL 0x00000147
#define TPM_RH_ENDORSEMENT 0x4000000b

/* tpm_policy_pcr is TPM2_PolicyPCR as a session's first command: PCRs of one bank, bit i of mask
 * for PCR i below 24; values are theirs, in rising order. */
bool tpm_policy_pcr(enum hash bank, uint32_t mask, const struct span *values, size_t n,
                    uint8_t out[TPM_POLICY_SIZE]);

/* tpm_policy_authorize is TPM2_PolicyAuthorize for the Name of the approving key. */
bool tpm_policy_authorize(struct span key_name, struct span policy_ref,
                          uint8_t out[TPM_POLICY_SIZE]);

/* tpm_policy_command is TPM2_PolicyCommandCode after the policy p; out may be p. */
bool tpm_policy_command(const uint8_t p[TPM_POLICY_SIZE], uint32_t command,
                        uint8_t out[TPM_POLICY_SIZE]);

/* tpm_policy_or is TPM2_PolicyOR of two policies. */
bool tpm_policy_or(const uint8_t a[TPM_POLICY_SIZE], const uint8_t b[TPM_POLICY_SIZE],
                   uint8_t out[TPM_POLICY_SIZE]);

/*
 * tpm_policy_primary writes the qualified name of a primary key of the endorsement hierarchy (part
 * 1, 16: QN = nameAlg || H_nameAlg(QN of the parent || Name), a hierarchy's being its handle);
 * tpm_policy_qualified that of a key under the endorsement key, which is one. Names are nameAlg and
 * a digest. The size is the Name's; 0 when a Name has no known form or hashing fails.
 */
size_t tpm_policy_primary(struct span name, uint8_t out[2 + HASH_MAX_SIZE]);
size_t tpm_policy_qualified(struct span ek_name, struct span name, uint8_t out[2 + HASH_MAX_SIZE]);

#endif
