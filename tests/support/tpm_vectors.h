/* PCR values as the real evidence has them. */
#ifndef SITUS_TESTS_TPM_VECTORS_H
#define SITUS_TESTS_TPM_VECTORS_H

#include "model/registers.h"

/* tpm_vectors_json reads {"tpm_alg": n, "pcrs": {"i": "hex"}} as one bank. */
void tpm_vectors_json(struct registers *r, const char *path);

/* tpm_vectors_text reads the lines "bank i HEX" of a bank, for the registers in mask. */
void tpm_vectors_text(struct registers *r, const char *path, const char *bank, uint32_t mask);

#endif
