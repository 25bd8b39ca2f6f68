/* Keys that situs never makes: an attacker's TPM commands, over the same TSS. */
#ifndef SITUS_LAB_ATTACKS_ROGUE_H
#define SITUS_LAB_ATTACKS_ROGUE_H

#include "tpm/tpm.h"

/* lab_rogue_create is tpm_ak_create with TPMA_OBJECT of the caller's choice. */
bool lab_rogue_create(struct tpm *t, const struct tpm_key *ek, uint32_t attributes,
                      const uint8_t policy[32], struct tpm_blob *blob, struct situs_err *err);

/* lab_rogue_primary makes AK_d's template a primary key of the endorsement hierarchy. The TPM makes
 * the same key again each time, after TPM2_Clear too. */
bool lab_rogue_primary(struct tpm *t, const uint8_t policy[32], struct tpm_key *key,
                       struct situs_err *err);

#endif
