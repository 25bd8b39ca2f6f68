/* The guest's TPM: AK_v, and its quote over N and the TD quote (DESIGN: messages). */
#include "attester/attest.h"

#include "crypto/digest.h"

#include <unistd.h>

#define VALUE_ROOM (96 * 1024)

bool source_tpm_key(struct attest *a, struct span *value, struct situs_err *err)
{
    *value = span_of(NULL, 0);
    if (!a->config->tcti)
        return true;
    a->tpm = tpm_open(a->config->tcti, err);
    return a->tpm && tpm_ak_primary(a->tpm, &a->ak, err) &&
           (digest(HASH_SHA256, tpm_key_public(&a->ak), a->akh) ||
            err_fail(err, SITUS_INTERNAL, TPM_PART, "ak", SITUS_NO_OFFSET, NULL, NULL));
}

static bool quote(struct attest *a, struct span *value, struct situs_err *err)
{
    uint8_t extra[32];
    struct tpm_quoted *q = ARENA_NEW(&a->arena, struct tpm_quoted);
    struct wr w = wr_new(arena_take(&a->arena, VALUE_ROOM), VALUE_ROOM);
    if (!q || !w.p)
        return err_fail(err, SITUS_NO_MEMORY, TPM_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    if (!bind_tq(a->nonce, a->tqh, extra))
        return err_fail(err, SITUS_INTERNAL, TPM_PART, "extra_data", SITUS_NO_OFFSET, NULL, NULL);
    struct tpm_selection pcrs[LIMIT_PCR_SELECTIONS];
    size_t n = a->config->n_pcrs;
    memcpy(pcrs, a->config->pcrs, sizeof pcrs);
    if ((n == 0 && !tpm_banks(a->tpm, ATTEST_PCRS, pcrs, &n, err)) ||
        !tpm_quote_make(a->tpm, &a->ak, NULL, &(struct tpm_asked){SPAN_ARR(extra), pcrs, n}, q,
                        err))
        return false;
    struct tpm_value v = tpm_quote_value(q, &a->ak);
    v.n_certs = a->config->n_ak_certs;
    for (size_t i = 0; i < v.n_certs; i++)
        v.certs[i] = a->config->ak_certs[i];
    if (!tpm_value_write(&v, &w))
        return err_fail(err, SITUS_TOO_LONG, TPM_PART, "quote", SITUS_NO_OFFSET, NULL, NULL);
    a->quoted = &q->pcrs.registers;
    *value = wr_span(&w);
    return true;
}

/* The running system's log is read here, so that nothing is measured between it and the quote. */
bool source_tpm(struct attest *a, struct span *value, struct situs_err *err)
{
    const struct attest_config *c = a->config;
    a->running.fd = -1;
    if (!a->tpm)
        return true;
    a->kept = c->measured && !(c->measured_if_there && access(c->measured, F_OK) != 0);
    bool ok =
        !a->kept || running_log_hold(&a->running, c->measured, RUNNING_LOG_WAIT, &a->arena, err);
    ok = ok && quote(a, value, err);
    running_log_release(&a->running);
    return ok;
}
