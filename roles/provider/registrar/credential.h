/*
 * TPM2_MakeCredential in software (TPM 2.0 Library, part 1, 24; part 3, 12.6): wraps a secret so
 * that only the TPM which holds the EK, and the object of that Name, opens it.
 */
#ifndef SITUS_PROVIDER_REGISTRAR_CREDENTIAL_H
#define SITUS_PROVIDER_REGISTRAR_CREDENTIAL_H

#include "provider/registrar/ek.h"

#define CREDENTIAL_SECRET 32

struct credential {
    uint8_t id_object[128]; /* the contents of TPM2B_ID_OBJECT */
    size_t id_object_size;
    uint8_t encrypted[512]; /* the contents of TPM2B_ENCRYPTED_SECRET */
    size_t encrypted_size;
};

/* credential_make wraps the secret; fresh randomness each time. */
bool credential_make(struct credential *c, const struct ek *ek, struct span ak_name,
                     const uint8_t secret[CREDENTIAL_SECRET], struct situs_err *err);

#endif
