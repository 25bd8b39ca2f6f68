/* Quotes over registers; see tpm_device.h. */
#include "tpm/tpm_tss.h"

#include "base/text.h"

#include <tss2/tss2_mu.h>

#define TRIES 3

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
                    const struct tpm_asked *asked, struct tpm_quoted *q, struct situs_err *err)
{
    TPM2B_DATA extra = {.size = (UINT16)asked->extra_data.n};
    if (asked->extra_data.n > sizeof extra.buffer || asked->n > LIMIT_PCR_SELECTIONS)
        return err_fail(err, SITUS_TOO_LONG, TPM_PART, "extra_data", SITUS_NO_OFFSET, NULL, NULL);
    memcpy(extra.buffer, asked->extra_data.p, asked->extra_data.n);
    const TPML_PCR_SELECTION pcrs = tpm_tss_pcrs(asked->selections, asked->n);
    for (int i = 0; i < TRIES; i++) {
        if (!quote_once(t, ak, seal, &extra, &pcrs, q, err) ||
            !tpm_pcrs_read(t, asked->selections, asked->n, &q->pcrs, err))
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
