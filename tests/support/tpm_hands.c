/* TPM commands for tests; see tpm_hands.h. */
#include "support/tpm_hands.h"

#include "tpm/tpm_tss.h"

bool tpm_locality(struct tpm *t, uint8_t locality, struct situs_err *err)
{
    return tpm_tss_ok(t, Tss2_Tcti_SetLocality(t->tcti, locality), "locality", err);
}

bool tpm_clear(struct tpm *t, struct situs_err *err)
{
    return tpm_tss_ok(
        t, Esys_Clear(t->esys, ESYS_TR_RH_LOCKOUT, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE),
        "TPM2_Clear", err);
}

bool tpm_extend(struct tpm *t, unsigned pcr, const struct tpm_digest *digests, size_t n,
                struct situs_err *err)
{
    TPML_DIGEST_VALUES values = {.count = (UINT32)n};
    for (size_t i = 0; i < n; i++) {
        values.digests[i].hashAlg = hash_tpm(digests[i].hash);
        memcpy(&values.digests[i].digest, digests[i].value, hash_size(digests[i].hash));
    }
    return tpm_tss_ok(t,
                      Esys_PCR_Extend(t->esys, ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                      ESYS_TR_NONE, &values),
                      "TPM2_PCR_Extend", err);
}

bool tpm_pcr_reset(struct tpm *t, unsigned pcr, struct situs_err *err)
{
    return tpm_tss_ok(
        t,
        Esys_PCR_Reset(t->esys, ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE),
        "TPM2_PCR_Reset", err);
}
