/* A software stand-in for a TPM's attestation key: it signs any TPMS_ATTEST bytes, right or
 * wrong. */
#ifndef SITUS_TESTS_SOFT_TPM_H
#define SITUS_TESTS_SOFT_TPM_H

#include "codec/tpm.h"
#include "crypto/digest.h"

enum soft_kind {
    SOFT_RSASSA, /* RSA-2048, RSASSA, SHA-256: the usual AK */
    SOFT_RSAPSS,
    SOFT_P256,
    SOFT_P384,      /* with SHA-384 */
    SOFT_RSA_SHORT, /* RSA-1024 */
    SOFT_RSA_E3     /* exponent 3 */
};

struct soft_ak {
    void *key; /* EVP_PKEY; lives until the program ends */
    uint16_t type, scheme, hash;
    uint8_t bytes[640];
    struct span public; /* TPMT_PUBLIC, in bytes */
};

/* soft_tpm_ak makes an AK; one key a kind and program. */
void soft_tpm_ak(struct soft_ak *ak, enum soft_kind kind, uint32_t attributes,
                 struct span auth_policy);

/* soft_tpm_attest writes a TPMS_ATTEST with the fields of a, its selections as they stand. */
struct span soft_tpm_attest(uint8_t *buffer, size_t size, const struct tpm_attest *a);

/* soft_tpm_sign writes a TPMT_SIGNATURE over the bytes, with the AK's scheme and this hash. */
struct span soft_tpm_sign(uint8_t *buffer, size_t size, const struct soft_ak *ak, uint16_t hash,
                          struct span attest);

#endif
