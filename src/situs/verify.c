/*
 * One appraisal. Everything is read before anything is verified, verified before it is compared,
 * and compared before it is judged. Numbers cite docs/DESIGN.md.
 */
#include "situs/verify.h"

#include "appraise/bind.h"
#include "appraise/logs.h"
#include "appraise/measurements.h"
#include "appraise/reference.h"
#include "appraise/verdict.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "endorse/intel/tcb.h"
#include "situs/gather.h"

struct appraisal {
    struct result *r;
    const struct verify_request *q;
    struct gathered *g;
    struct arena *a;
    struct findings *f;
    struct claims *tee, *guest;
};

/* 6: the quote's signature and chain, then what its maker's collateral says of the platform. */
static void appraise_tee(struct appraisal *x, const struct snapshot *snapshot,
                         struct quote_cache *cache)
{
    const struct quote *quote = &x->g->quote;
    if (!x->g->has_quote)
        return;
    x->r->tee = quote->tdx ? KIND_TDX : KIND_SGX;
    x->tee->instance = quote->tdx ? "tdx" : "sgx";
    if (quote->padding)
        result_note(x->r, "zero bytes after the quote were ignored; nothing signs them");
    quote_claims(quote, x->tee);
    quote_verify(quote, x->q->trust, snapshot ? &snapshot->pki : NULL, cache, x->q->policy,
                 x->q->at, x->a, x->tee, x->f);
    tcb_apply(x->tee, snapshot, x->q->policy, x->q->at, x->f);
    reference_check(x->f, x->q->policy, x->tee);
}

/* The AK is freed with the evidence; claims about it live on in the arena. */
static void keep(struct arena *a, struct claims *c, enum claim_id id)
{
    if (c->v[id].set)
        c->v[id].bytes = arena_copy(a, c->v[id].bytes);
}

/* 3: the TPM's quote, its attestation key, and the provider who certified it. */
static void appraise_guest(struct appraisal *x)
{
    static const enum check rows[] = {CHECK_TPM_SIGNATURE, CHECK_TPM_PCRS, CHECK_AK_ATTRIBUTES,
                                      CHECK_AK_CERTIFICATE, CHECK_LOG_PCR};
    struct gather_tpm *t = x->g->guest;
    struct ak_cert_notes notes = {0};
    if (!t)
        return;
    if (x->q->policy->scenario == SCENARIO_NONE) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            finding_skip(x->f, rows[i], "the policy names no scenario in which a TPM counts");
        return;
    }
    x->guest->instance = "tpm.guest";
    tpm_quote_claims(&t->quote, &t->ak, x->guest);
    keep(x->a, x->guest, CLAIM_AK_NAME);
    keep(x->a, x->guest, CLAIM_AK_HASH);
    tpm_quote_verify(&t->quote, &t->ak, x->guest->instance, x->q->policy, x->f);
    ak_cert_verify(&t->cert, &t->ak, x->q->trust, x->q->policy, x->q->at, x->a, x->guest, &notes,
                   x->f);
    for (size_t i = 0; i < notes.n; i++)
        result_note(x->r, notes.v[i]);
}

/* 5: the logs explain the registers, and both sides measured the same boot. */
static void appraise_measurements(struct appraisal *x)
{
    struct gather_tpm *t = x->guest->instance ? x->g->guest : NULL;
    const struct registers *quoted = t ? &t->value.registers : NULL;
    struct explained ccel = {x->g->ccel, 0}, tcg = {x->g->guest_log, 0};
    struct measurements found;
    if (x->r->tee != KIND_TDX)
        return;
    if (x->g->ccel || x->q->policy->scenario != SCENARIO_NONE)
        ccel.registers = logs_check_rtmr(x->f, x->q->policy, x->tee, x->g->ccel);
    if (!t)
        return;
    if (x->f->v[CHECK_TPM_PCRS].outcome == OUTCOME_PASS)
        tcg.registers = logs_check_pcr(x->f, x->q->policy, quoted, x->g->guest_log);
    measurements_check(x->f, x->q->policy, x->tee, quoted, ccel, tcg, &found);
}

/* 4: challenge, channel key, TD report and TPM quote hang together. */
static void appraise_binding(struct appraisal *x)
{
    uint8_t tqh[32];
    struct span nonce = x->q->nonce;
    struct bind in = {.nonce = nonce, .peer = x->q->channel};
    in.channel = x->g->channel.n ? x->g->channel : x->q->channel;
    if (nonce.n == 0)
        finding_skip(x->f, CHECK_FRESH_NONCE, "no challenge was given (--nonce)");
    else if (nonce.n != BIND_NONCE_SIZE)
        finding_fail(x->f, CHECK_FRESH_NONCE, SITUS_MALFORMED, "nonce", "size", "32 bytes",
                     TEXT_BYTES(nonce.n), NULL);
    else
        finding_pass(x->f, CHECK_FRESH_NONCE);
    if (x->r->tee != KIND_TDX && x->r->tee != KIND_SGX)
        return;
    if (x->guest->instance && digest(HASH_SHA256, x->g->quote.whole, tqh))
        in.tqh = tqh;
    bind_check(x->f, &in, x->tee, x->guest->instance ? x->guest : NULL);
}

/* 7: the collateral of the bundle serves when the caller has none of his own: whoever sends old
 * collateral cannot make it current, nor sign it. False: it does not load, err says why. */
static bool load_collateral(struct appraisal *x, const struct snapshot **snapshot)
{
    struct gathered *g = x->g;
    if (g->n_collateral == 0)
        return true;
    if (*snapshot) {
        result_note(x->r, "the collateral in the bundle was not used: the caller gave his own");
        return true;
    }
    x->r->err_in_collateral = true;
    if (!snapshot_load(&g->snapshot, g->collateral, g->n_collateral, x->q->trust, x->a, &x->r->err))
        return false;
    *snapshot = &g->snapshot;
    result_note(x->r, "Intel's collateral came in the bundle: its sender chose among the current");
    return true;
}

static void begin(struct result *r, const struct verify_request *q, struct arena *a)
{
    *r = (struct result){.verdict = VERDICT_REFUSED,
                         .exit = 2,
                         .archived = q->archived,
                         .at = q->at,
                         .policy = q->policy,
                         .findings = {.arena = a}};
}

void verify_refused(struct result *r, const struct verify_request *q, const struct situs_err *err,
                    struct arena *a)
{
    begin(r, q, a);
    r->err = *err;
    r->err_in_collateral = true;
    verdict_decide(r);
}

void verify_evidence(struct result *r, const struct verify_request *q,
                     const struct snapshot *snapshot, struct quote_cache *cache, struct arena *a)
{
    struct gathered g = {0};
    struct appraisal x = {
        r, q, &g, a, &r->findings, &r->claims[INSTANCE_TEE], &r->claims[INSTANCE_GUEST]};
    begin(r, q, a);
    if (gather(&g, q, a, &r->err) && load_collateral(&x, &snapshot)) {
        appraise_tee(&x, snapshot, cache);
        appraise_guest(&x);
        appraise_measurements(&x);
        appraise_binding(&x);
    }
    gather_free(&g);
    verdict_decide(r);
}
