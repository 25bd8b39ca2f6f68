/* An attacker's keys; see lab_rogue.h. */
#include "lab/attacks/lab_rogue.h"

#include "lab/tpm/lab_soft_tpm.h"
#include "tpm/tpm_tss.h"

#include <tss2/tss2_mu.h>

static TPM2B_PUBLIC template(uint32_t attributes, const uint8_t policy[32])
{
    TPM2B_PUBLIC p = {
        .publicArea = {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA256,
            .objectAttributes = attributes,
            .authPolicy = {.size = 32},
            .parameters.eccDetail = {.symmetric = {.algorithm = TPM2_ALG_NULL},
                                     .scheme = {.scheme = TPM2_ALG_ECDSA,
                                                .details.ecdsa.hashAlg = TPM2_ALG_SHA256},
                                     .curveID = TPM2_ECC_NIST_P256,
                                     .kdf = {.scheme = TPM2_ALG_NULL}},
        }};
    memcpy(p.publicArea.authPolicy.buffer, policy, 32);
    return p;
}

static bool marshal(struct tpm *t, const TPM2B_PUBLIC *from, uint8_t out[TPM_PUBLIC_MAX],
                    size_t *size, struct situs_err *err)
{
    return tpm_tss_ok(t, Tss2_MU_TPMT_PUBLIC_Marshal(&from->publicArea, out, TPM_PUBLIC_MAX, size),
                      "TPMT_PUBLIC", err);
}

bool lab_rogue_create(struct tpm *t, const struct tpm_key *ek, uint32_t attributes,
                      const uint8_t policy[32], struct tpm_blob *blob, struct situs_err *err)
{
    const TPM2B_PUBLIC want = template(attributes, policy);
    const TPM2B_SENSITIVE_CREATE sensitive = {0};
    const TPM2B_DATA outside = {0};
    const TPML_PCR_SELECTION none = {0};
    TPM2B_PRIVATE *private = NULL;
    TPM2B_PUBLIC *public = NULL;
    ESYS_TR session = ESYS_TR_NONE;
    *blob = (struct tpm_blob){0};
    bool ok =
        tpm_tss_ek_session(t, ek, &session, err) &&
        tpm_tss_ok(t,
                   Esys_Create(t->esys, ek->handle, session, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
                               &want, &outside, &none, &private, &public, NULL, NULL, NULL),
                   "TPM2_Create", err) &&
        private->size <= sizeof blob->private &&
        marshal(t, public, blob->public, &blob->public_size, err);
    if (ok) {
        memcpy(blob->private, private->buffer, private->size);
        blob->private_size = private->size;
    }
    tpm_tss_end(t, &session);
    Esys_Free(private);
    Esys_Free(public);
    return ok;
}

bool lab_rogue_primary(struct tpm *t, const uint8_t policy[32], struct tpm_key *key,
                       struct situs_err *err)
{
    const TPM2B_PUBLIC want = template(LAB_AK_D, policy);
    const TPM2B_SENSITIVE_CREATE sensitive = {0};
    const TPM2B_DATA outside = {0};
    const TPML_PCR_SELECTION none = {0};
    TPM2B_PUBLIC *public = NULL;
    TPM2B_NAME *name = NULL;
    ESYS_TR handle = ESYS_TR_NONE;
    *key = (struct tpm_key){0};
    bool ok = tpm_tss_ok(t,
                         Esys_CreatePrimary(t->esys, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD,
                                            ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &want, &outside,
                                            &none, &handle, &public, NULL, NULL, NULL),
                         "TPM2_CreatePrimary", err);
    if (ok) {
        *key = (struct tpm_key){.handle = handle, .transient = true};
        ok = marshal(t, public, key->public, &key->public_size, err) &&
             tpm_tss_ok(t, Esys_TR_GetName(t->esys, handle, &name), "TPM2_ReadPublic", err) &&
             name->size <= sizeof key->name;
    }
    if (ok) {
        memcpy(key->name, name->name, name->size);
        key->name_size = name->size;
    } else {
        tpm_flush(t, key);
    }
    Esys_Free(public);
    Esys_Free(name);
    return ok;
}
