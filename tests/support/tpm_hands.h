/* What tests do to a TPM and no program of ours does. */
#ifndef SITUS_TESTS_SUPPORT_TPM_HANDS_H
#define SITUS_TESTS_SUPPORT_TPM_HANDS_H

#include "tpm/tpm_device.h"

/* tpm_locality sets the locality of later commands; only simulators let the caller choose. */
bool tpm_locality(struct tpm *t, uint8_t locality, struct situs_err *err);

/* tpm_extend extends a register in the banks of n digests. */
struct tpm_digest {
    enum hash hash;
    uint8_t value[HASH_MAX_SIZE];
};
bool tpm_extend(struct tpm *t, unsigned pcr, const struct tpm_digest *digests, size_t n,
                struct situs_err *err);

/* tpm_pcr_reset resets a register (part 3, 22.8). */
bool tpm_pcr_reset(struct tpm *t, unsigned pcr, struct situs_err *err);

/* tpm_clear is TPM2_Clear by the lockout authority with its empty password. */
bool tpm_clear(struct tpm *t, struct situs_err *err);

#endif
