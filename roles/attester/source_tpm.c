/* The guest's TPM: AK_v, and its quote over N and the TD quote (DESIGN: messages). */
#include "attester/attest.h"

#include "crypto/digest.h"
#include "frame/out.h"

#include <unistd.h>

#define VALUE_ROOM (96 * 1024)

bool source_tpm_key(struct attest *a, struct span *value, struct situs_err *err)
{
    *value = span_of(NULL, 0);
    if (!a->config->tcti)
        return true;
    a->tpm = tpm_open(a->config->tcti, err);
    if (!a->tpm)
        return false;
    const struct kept_key *kept = a->config->kept_key;
    if (kept ? !kept_key_take(a->tpm, kept, &a->ak, &a->arena, err)
             : !tpm_ak_primary(a->tpm, &a->ak, err))
        return false;
    return (digest(HASH_SHA256, tpm_key_public(&a->ak), a->akh) ||
            err_fail(err, SITUS_INTERNAL, TPM_PART, "ak", SITUS_NO_OFFSET, NULL, NULL));
}

/* A kept key's own certificate is first, and the caller's are its issuers'. */
static bool put_certificates(struct attest *a, struct tpm_value *v, struct situs_err *err)
{
    const struct attest_config *c = a->config;
    struct span own = span_of(NULL, 0);
    if (c->kept_key && !kept_key_certificate(a->tpm, c->kept_key, &own, &a->arena, err))
        return false;
    if (c->kept_key && !own.n && !c->n_ak_certs)
        out_note("the TPM keeps no certificate of its key (NV index %08xh): without one bound "
                 "cannot hold",
                 (unsigned)c->kept_key->certificate);
    if (own.n && !(c->n_ak_certs && span_equal(own, c->ak_certs[0])))
        v->certs[v->n_certs++] = own;
    for (size_t i = 0; i < c->n_ak_certs; i++) {
        if (v->n_certs == LIMIT_CHAIN_CERTS)
            return err_fail(err, SITUS_TOO_LONG, "ak-cert", "", SITUS_NO_OFFSET, "at most 6",
                            "more");
        v->certs[v->n_certs++] = c->ak_certs[i];
    }
    return true;
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
    if (n == 0 && a->config->paravisor) /* the bank of its profile (DESIGN: paravisor) */
        pcrs[n++] = (struct tpm_selection){hash_tpm(HASH_SHA256), ATTEST_PCRS};
    if ((n == 0 && !tpm_banks(a->tpm, ATTEST_PCRS, pcrs, &n, err)) ||
        !tpm_quote_make(a->tpm, &a->ak, NULL, &(struct tpm_asked){SPAN_ARR(extra), pcrs, n}, q,
                        err))
        return false;
    struct tpm_value v = tpm_quote_value(q, &a->ak);
    if (!put_certificates(a, &v, err))
        return false;
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
