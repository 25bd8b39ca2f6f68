/* Registers; see tpm_device.h. */
#include "tpm/tpm_tss.h"

#include "base/text.h"

#include <tss2/tss2_mu.h>

#define NO_SESSIONS ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE

TPML_PCR_SELECTION tpm_tss_pcrs(const struct tpm_selection *selections, size_t n)
{
    TPML_PCR_SELECTION list = {.count = (UINT32)n};
    for (size_t i = 0; i < n; i++) {
        TPMS_PCR_SELECTION *s = &list.pcrSelections[i];
        s->hash = selections[i].hash;
        s->sizeofSelect = TPM_SELECT_SIZE;
        for (int k = 0; k < TPM_SELECT_SIZE; k++)
            s->pcrSelect[k] = (BYTE)(selections[i].mask >> 8 * k);
    }
    return list;
}

/* read_some reads what one TPM2_PCR_Read gives (up to 8 registers) of one bank into it. The answer
 * says which registers it holds; none is a bank that this TPM does not have. */
static bool read_some(struct tpm *t, const struct tpm_selection *want, struct bank *bank,
                      uint8_t (*value)[HASH_MAX_SIZE], struct situs_err *err)
{
    const TPML_PCR_SELECTION in = tpm_tss_pcrs(want, 1);
    TPML_PCR_SELECTION *out = NULL;
    TPML_DIGEST *digests = NULL;
    if (!tpm_tss_ok(t, Esys_PCR_Read(t->esys, NO_SESSIONS, &in, NULL, &out, &digests),
                    "TPM2_PCR_Read", err))
        return false;
    uint32_t got = 0;
    if (out->count == 1 && out->pcrSelections[0].hash == want->hash)
        for (int k = 0; k < TPM_SELECT_SIZE && k < out->pcrSelections[0].sizeofSelect; k++)
            got |= (uint32_t)out->pcrSelections[0].pcrSelect[k] << 8 * k;
    UINT32 used = 0;
    bool ok = got != 0 && (got & ~want->mask) == 0;
    for (unsigned i = 0; ok && i < REGISTERS_MAX; i++) {
        if (!(got >> i & 1))
            continue;
        ok = used < digests->count && digests->digests[used].size == hash_size(bank->hash);
        if (!ok)
            break;
        memcpy(value[i], digests->digests[used++].buffer, hash_size(bank->hash));
        bank->value[i] = span_of(value[i], hash_size(bank->hash));
        bank->mask |= 1u << i;
    }
    Esys_Free(out);
    Esys_Free(digests);
    if (!ok)
        err_fail(err, SITUS_MISSING, TPM_PART, "TPM2_PCR_Read", SITUS_NO_OFFSET,
                 "the registers of the bank", "none: the TPM does not have this bank");
    return ok;
}

bool tpm_pcrs_read(struct tpm *t, const struct tpm_selection *selections, size_t n,
                   struct tpm_pcrs *pcrs, struct situs_err *err)
{
    *pcrs = (struct tpm_pcrs){0};
    for (size_t i = 0; i < n; i++) {
        struct bank *bank = &pcrs->registers.bank[pcrs->registers.n++];
        bank->hash = hash_by_tpm(selections[i].hash);
        if (bank->hash == HASH_NONE)
            return err_fail(err, SITUS_UNSUPPORTED, TPM_PART, "pcr_select.hash", SITUS_NO_OFFSET,
                            "a hash that situs knows", TEXT_NUM(selections[i].hash));
        while (bank->mask != selections[i].mask) {
            struct tpm_selection rest = {selections[i].hash, selections[i].mask & ~bank->mask};
            if (!read_some(t, &rest, bank, pcrs->value + i * REGISTERS_MAX, err))
                return false;
        }
    }
    return true;
}

bool tpm_banks(struct tpm *t, uint32_t mask, struct tpm_selection selections[LIMIT_PCR_SELECTIONS],
               size_t *n, struct situs_err *err)
{
    TPMS_CAPABILITY_DATA *data = NULL;
    *n = 0;
    if (!tpm_tss_ok(t, Esys_GetCapability(t->esys, NO_SESSIONS, TPM2_CAP_PCRS, 0, 1, NULL, &data),
                    "TPM2_GetCapability", err))
        return false;
    for (UINT32 i = 0; i < data->data.assignedPCR.count; i++) {
        const TPMS_PCR_SELECTION *s = &data->data.assignedPCR.pcrSelections[i];
        bool allocated = false;
        for (UINT8 k = 0; k < s->sizeofSelect; k++)
            allocated |= s->pcrSelect[k] != 0;
        if (allocated && *n < LIMIT_PCR_SELECTIONS)
            selections[(*n)++] = (struct tpm_selection){s->hash, mask};
    }
    Esys_Free(data);
    return *n > 0 || err_fail(err, SITUS_MISSING, TPM_PART, "TPM2_GetCapability", SITUS_NO_OFFSET,
                              "an allocated bank of PCRs", "none");
}
