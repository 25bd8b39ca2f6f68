/*
 * Policy digests by arithmetic (TPM 2.0 Library, part 3, 23), SHA-256 throughout: what a verifier
 * or registrar recomputes without a TPM.
 */
#ifndef SITUS_TPM_TPM_POLICY_H
#define SITUS_TPM_TPM_POLICY_H

#include "codec/tpm.h"

#define TPM_CC_ACTIVATE_CREDENTIAL 0x00000147 /* part 2, 6.5.2 */

/* tpm_policy_pcr is PolicyPCR (23.7) from a fresh session over one bank; pcr_digest is SHA-256 of
 * the values in order. All functions: false when OpenSSL fails. */
bool tpm_policy_pcr(const struct tpm_selection *pcrs, const uint8_t pcr_digest[32],
                    uint8_t policy[32]);

/* tpm_policy_authorize is PolicyAuthorize (23.16) by the key with this Name; ref may be empty. */
bool tpm_policy_authorize(struct span key_name, struct span ref, uint8_t policy[32]);

/* tpm_policy_command is PolicyCommandCode (23.11) after policy old. */
bool tpm_policy_command(const uint8_t old[32], uint32_t command, uint8_t policy[32]);

/* tpm_policy_or is PolicyOR (23.6) of two branches. */
bool tpm_policy_or(const uint8_t a[32], const uint8_t b[32], uint8_t policy[32]);

/* tpm_policy_seal is PolicyOR(P, P + PolicyCommandCode(ActivateCredential)) (docs/DESIGN.md 2). */
bool tpm_policy_seal(const uint8_t p[32], uint8_t policy[32]);

#endif
