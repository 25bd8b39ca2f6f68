/* Endorsements of the machine; see ownership.h. */
#include "situs/ownership.h"

#include "appraise/simulated.h"
#include "base/text.h"
#include "crypto/x509.h"
#include "endorse/poe/poe_verify.h"
#include "situs/lists.h"

#define OWN_ISSUERS 4

/* One endorsement's own findings, and how far it got. */
struct answer {
    const char *part;
    struct findings findings;
    struct claims claims;
    const char *note; /* of poe.revoked; NULL: none */
};

struct work {
    struct result *r;
    struct gathered *g;
    const struct situs_request *q;
    struct arena *a;
    struct lists_revocations *revocations;
    struct issuer_cache *issuers; /* the context's, or this appraisal's own */
};

static bool passed(const struct answer *x, enum check c)
{
    return x->findings.v[c].outcome == OUTCOME_PASS;
}

static size_t passes(const struct answer *x)
{
    size_t n = 0;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        n += check_row(c)->kind == KIND_POE && passed(x, c);
    return n;
}

/* An endorsement that is good, in time, of this platform and not taken back names its owner. */
static bool names_owner(const struct answer *x)
{
    return x->claims.authority && passed(x, CHECK_POE_MATCH) &&
           x->findings.v[CHECK_POE_REVOKED].outcome != OUTCOME_FAIL;
}

static void check_revoked(struct work *w, const struct poe *poe, struct answer *x)
{
    struct span seen;
    if (!x->claims.authority) {
        finding_skip(&x->findings, CHECK_POE_REVOKED, "the endorsement does not hold");
        return;
    }
    x->note = lists_check_revoked(w->revocations, poe, &x->claims, w->r, w->q, &w->g->crls, w->a,
                                  &seen, &x->findings);
    if (seen.n)
        claim_bytes(&x->claims, CLAIM_REVOCATION_SEEN, seen);
}

static const struct poe *read_poe(const struct endorsement *e, struct arena *a,
                                  struct situs_err *err)
{
    struct poe *poe = ARENA_NEW(a, struct poe);
    if (!poe)
        err_fail(err, SITUS_NO_MEMORY, e->part, "", SITUS_NO_OFFSET, NULL, NULL);
    return poe && poe_read(poe, e->bytes, e->part, err) ? poe : NULL;
}

static void judge(struct work *w, const struct endorsement *e, struct answer *x)
{
    struct situs_err err = {0};
    const struct poe *poe = e->poe ? e->poe : read_poe(e, w->a, &err);
    *x = (struct answer){.part = e->part, .findings = {.arena = w->a}};
    if (!poe) {
        finding_fail_err(&x->findings, CHECK_POE_SIGNATURE, &err);
        return;
    }
    const struct poe_question question = {.poe = poe,
                                          .trust = door_trust(w->q->trust),
                                          .policy = &w->q->policy->policy,
                                          .crls = &w->g->crls,
                                          .cache = w->issuers,
                                          .at = w->q->at,
                                          .part = e->part};
    poe_verify(&question, w->a, &x->claims, &x->findings);
    simulated_check(&x->findings, CHECK_POE_SIGNATURE, &w->q->policy->policy, &x->claims, e->part);
    poe_match(&x->claims, &w->r->claims[INSTANCE_TEE], e->part, &x->findings);
    poe_owner(&x->claims, &w->q->policy->policy, e->part, &x->findings);
    check_revoked(w, poe, x);
}

/* Where memory runs out a good signature looks bad, so that counts when it is said twice. */
static void judge_surely(struct work *w, const struct endorsement *e, struct answer *x)
{
    const struct arena before = *w->a;
    judge(w, e, x);
    if (x->findings.v[CHECK_POE_SIGNATURE].outcome != OUTCOME_FAIL)
        return;
    *w->a = before;
    judge(w, e, x);
}

/* A word that could not be judged for want of memory may have been the one that contradicts. */
static bool unjudged(const struct answer *x)
{
    const struct finding *f = &x->findings.v[CHECK_POE_SIGNATURE];
    return f->outcome == OUTCOME_FAIL &&
           (f->why->code == SITUS_NO_MEMORY || f->why->code == SITUS_INTERNAL);
}

/* Copies the rows; a claim of an endorsement with a failed row, or of no platform that
 * was verified, is nobody's. */
static void settle(struct result *r, const struct answer *best)
{
    r->claims[INSTANCE_POE] = best->claims;
    if (!passed(best, CHECK_POE_MATCH))
        r->claims[INSTANCE_POE].authority = NULL;
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        if (check_row(c)->kind != KIND_POE)
            continue;
        r->findings.v[c] = best->findings.v[c];
        if (best->findings.v[c].outcome == OUTCOME_FAIL)
            r->claims[INSTANCE_POE].authority = NULL;
    }
}

static bool is_of(const struct poe *poe, const struct claims *tee)
{
    const struct claim *piid = tee->authority ? claims_get(tee, CLAIM_PIID) : NULL;
    return piid && span_equal(piid->bytes, poe->piid);
}

static const struct situs_err *signature_failed(const struct answer *x)
{
    const struct finding *f = &x->findings.v[CHECK_POE_SIGNATURE];
    return f->outcome == OUTCOME_FAIL ? f->why : NULL;
}

/* The issuer's signature alone: only what the caller's own CRLs take back says nothing any more.
 * Where one of them cannot be used the word stands. */
static void judge_alone(struct work *w, const struct endorsement *e, const struct poe *poe,
                        struct answer *out)
{
    struct poe_question alone = {.poe = poe,
                                 .trust = door_trust(w->q->trust),
                                 .crls = &w->g->crls,
                                 .own_crls_alone = true,
                                 .cache = w->issuers,
                                 .at = w->q->at,
                                 .part = e->part};
    for (int again = 0; again < 2; again++) { /* as judge_surely */
        *out = (struct answer){.part = e->part, .findings = {.arena = w->a}};
        poe_verify(&alone, w->a, &out->claims, &out->findings);
        const struct situs_err *why = signature_failed(out);
        if (!why || why->code == SITUS_REVOKED)
            break;
        if (x509_is_of_crl(why))
            alone.crls = NULL;
    }
}

/* Whom an endorsement names as the platform's owner: by its own window and its issuer's signature
 * alone. One that the policy finds too old, for whose issuer no CRL is at hand, or which a CRL that
 * the sender of the evidence chose takes back, or an old list of his choice, gives no proof; it
 * contradicts another all the same.
 */
static bool claims_platform(struct work *w, const struct endorsement *e, const struct answer *x,
                            struct answer *out)
{
    struct situs_err err = {0};
    const struct poe *poe = e->poe ? e->poe : read_poe(e, w->a, &err);
    *out = *x;
    if (names_owner(x) || !poe || !is_of(poe, &w->r->claims[INSTANCE_TEE]))
        return names_owner(x);
    judge_alone(w, e, poe, out);
    poe_match(&out->claims, &w->r->claims[INSTANCE_TEE], e->part, &out->findings);
    return out->claims.authority && passed(out, CHECK_POE_MATCH) &&
           !lists_end(w->revocations, poe, &out->claims, w->r, w->q, &w->g->crls, w->a);
}

static struct span owner_of(const struct answer *x)
{
    return x->claims.v[CLAIM_OWNER].bytes;
}

/* Two owners of one platform: somebody is wrong, and it is not for us to say who. */
static void refuse_two_owners(struct result *r, const struct answer *one,
                              const struct answer *other)
{
    r->findings.v[CHECK_POE_OWNER] = (struct finding){.outcome = OUTCOME_NOT_RUN};
    finding_fail(&r->findings, CHECK_POE_OWNER, SITUS_DUPLICATE, other->part,
                 "endorsement.owner_name", TEXT_CUT(owner_of(one)), TEXT_CUT(owner_of(other)),
                 "two owners claim this platform; ask both issuers");
    r->claims[INSTANCE_POE].authority = NULL;
}

static void refuse_lost(struct result *r)
{
    finding_fail(&r->findings, CHECK_POE_SIGNATURE, SITUS_NO_MEMORY, "endorsement", "", NULL, NULL,
                 NULL);
    r->claims[INSTANCE_POE].authority = NULL;
}

/* Several endorsements of one issuer cost one chain, also without a context; NULL: no memory. */
static struct issuer_cache *own_cache(struct arena *a)
{
    void *memory = arena_take(a, issuer_cache_size(OWN_ISSUERS));
    return memory ? issuer_cache_new(memory, OWN_ISSUERS) : NULL;
}

void ownership_poe(struct result *r, struct gathered *g, const struct situs_request *q,
                   struct arena *a)
{
    struct issuer_cache *own = door_context(q)->issuers ? NULL : own_cache(a);
    struct lists_revocations revocations;
    struct work w = {r, g, q, a, &revocations, own ? own : door_context(q)->issuers};
    struct answer best = {.part = NULL}, next, claim, holder = {.part = NULL};
    struct answer other = {.part = NULL};
    lists_revocations(&revocations, g, a);
    bool lost = revocations.lost;
    for (size_t i = 0; i < g->n_endorsements; i++) {
        const struct endorsement *e = &g->endorsements[i];
        if (e->kind != ENDORSEMENT_POE)
            continue;
        judge_surely(&w, e, &next);
        bool claims = claims_platform(&w, e, &next, &claim);
        lost |= unjudged(&next) || unjudged(&claim);
        if (claims && !holder.part)
            holder = claim;
        else if (claims && !other.part && !span_equal(owner_of(&claim), owner_of(&holder)))
            other = claim;
        if (!best.part || passes(&next) > passes(&best))
            best = next;
    }
    if (best.part)
        settle(r, &best);
    if (other.part)
        refuse_two_owners(r, &holder, &other);
    if (lost)
        refuse_lost(r);
    result_note(r, best.note);
    issuer_cache_free(own);
}
