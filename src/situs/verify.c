/*
 * One appraisal. Order (docs/DESIGN.md 10): read everything, then verify signatures, then apply
 * endorsements, then compare across kinds, then decide. The numbers cite docs/DESIGN.md.
 */
#include "situs/verify.h"

#include "appraise/verdict.h"
#include "base/limits.h"
#include "base/text.h"
#include "endorse/intel/tcb.h"

/* Everything that was read, before anything is believed. */
struct evidence {
    struct quote quote;
    bool has_quote;
};

static bool read_all(struct evidence *ev, const struct verify_request *q, struct situs_err *err)
{
    ev->has_quote = quote_read(&ev->quote, q->input, err);
    return ev->has_quote;
}

/* 6: the TEE's own evidence, and what its maker's collateral says of it. */
static void appraise_tee(struct result *r, const struct evidence *ev,
                         const struct verify_request *q, const struct snapshot *snapshot,
                         struct quote_cache *cache, struct arena *a)
{
    struct claims *c = &r->claims[INSTANCE_TEE];
    r->tee = ev->quote.tdx ? KIND_TDX : KIND_SGX;
    c->instance = ev->quote.tdx ? "tdx" : "sgx";
    if (ev->quote.padding)
        result_note(r, "zero padding after the quote was ignored; nothing in it is signed");
    quote_claims(&ev->quote, c);
    quote_verify(&ev->quote, q->trust, snapshot ? &snapshot->pki : NULL, cache, q->policy, q->at, a,
                 c, &r->findings);
    tcb_apply(c, snapshot, q->policy, q->at, &r->findings);
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
    verdict_decide(r);
}

void verify_evidence(struct result *r, const struct verify_request *q,
                     const struct snapshot *snapshot, struct quote_cache *cache, struct arena *a)
{
    struct evidence ev = {0};
    begin(r, q, a);
    if (read_all(&ev, q, &r->err))
        appraise_tee(r, &ev, q, snapshot, cache, a);
    verdict_decide(r);
}
