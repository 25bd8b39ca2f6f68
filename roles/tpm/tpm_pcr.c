/* Registers and quotes over them; see tpm_device.h. */
#include "tpm/tpm_tss.h"

#include "base/text.h"

#include <tss2/tss2_mu.h>

#include <stdio.h>

#define NO_SESSIONS ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE
#define TRIES 3

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

/* The hash of the values in order of banks and registers (part 3, 18.4). */
static bool pcrs_digest(const struct tpm_pcrs *pcrs, uint8_t out[32])
{
    struct span parts[LIMIT_PCR_SELECTIONS * REGISTERS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < pcrs->registers.n; i++)
        for (unsigned k = 0; k < REGISTERS_MAX; k++)
            if (pcrs->registers.bank[i].mask >> k & 1)
                parts[n++] = pcrs->registers.bank[i].value[k];
    return digest_parts(HASH_SHA256, parts, n, out);
}

static bool quote_once(struct tpm *t, const struct tpm_key *ak, const struct tpm_seal *seal,
                       const TPM2B_DATA *extra, const TPML_PCR_SELECTION *pcrs,
                       struct tpm_quoted *q, struct situs_err *err)
{
    const TPMT_SIG_SCHEME scheme = {.scheme = TPM2_ALG_NULL}; /* the key's own */
    TPM2B_ATTEST *attest = NULL;
    TPMT_SIGNATURE *signature = NULL;
    ESYS_TR session = ESYS_TR_NONE;
    q->signature_size = 0;
    bool ok = tpm_tss_seal_session(t, seal, false, &session, err) &&
              tpm_tss_ok(t,
                         Esys_Quote(t->esys, ak->handle, session, ESYS_TR_NONE, ESYS_TR_NONE, extra,
                                    &scheme, pcrs, &attest, &signature),
                         "TPM2_Quote", err) &&
              tpm_tss_ok(t,
                         Tss2_MU_TPMT_SIGNATURE_Marshal(signature, q->signature,
                                                        sizeof q->signature, &q->signature_size),
                         "TPMT_SIGNATURE", err);
    if (ok) {
        _Static_assert(sizeof q->attest >= sizeof attest->attestationData, "any TPMS_ATTEST fits");
        memcpy(q->attest, attest->attestationData, attest->size);
        q->attest_size = attest->size;
    }
    tpm_tss_end(t, &session);
    Esys_Free(attest);
    Esys_Free(signature);
    return ok;
}

/* covers says that the quote is over the values that were read. */
static bool covers(const struct tpm_quoted *q)
{
    struct tpm_attest attest;
    struct situs_err ignored = {0};
    uint8_t values[32];
    return tpm_attest_read(&attest, span_of(q->attest, q->attest_size), &ignored) &&
           pcrs_digest(&q->pcrs, values) && span_equal(SPAN_ARR(values), attest.pcr_digest);
}

bool tpm_quote_make(struct tpm *t, const struct tpm_key *ak, const struct tpm_seal *seal,
                    struct span extra_data, const struct tpm_selection *selections, size_t n,
                    struct tpm_quoted *q, struct situs_err *err)
{
    TPM2B_DATA extra = {.size = (UINT16)extra_data.n};
    if (extra_data.n > sizeof extra.buffer || n > LIMIT_PCR_SELECTIONS)
        return err_fail(err, SITUS_TOO_LONG, TPM_PART, "extra_data", SITUS_NO_OFFSET, NULL, NULL);
    memcpy(extra.buffer, extra_data.p, extra_data.n);
    const TPML_PCR_SELECTION pcrs = tpm_tss_pcrs(selections, n);
    for (int i = 0; i < TRIES; i++) {
        if (!quote_once(t, ak, seal, &extra, &pcrs, q, err) ||
            !tpm_pcrs_read(t, selections, n, &q->pcrs, err))
            return false;
        if (covers(q))
            return true;
    }
    return err_fail(err, SITUS_MISMATCH, TPM_PART, "pcr_digest", SITUS_NO_OFFSET,
                    "registers that stand still", "registers that change at each reading");
}

struct tpm_value tpm_quote_value(const struct tpm_quoted *q, const struct tpm_key *ak)
{
    return (struct tpm_value){
        .attest = span_of(q->attest, q->attest_size),
        .signature = span_of(q->signature, q->signature_size),
        .public_area = tpm_key_public(ak),
        .registers = q->pcrs.registers,
    };
}
