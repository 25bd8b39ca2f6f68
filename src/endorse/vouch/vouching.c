/* What tokens of other verifiers are asked; see vouching.h. */
#include "endorse/vouch/vouching.h"

#include "base/text.h"
#include "model/simulated.h"

#define SKEW 60 /* seconds that another's clock may be ahead of ours (RFC 7519 4.1.4: a leeway) */

/* Whose token it is: by its issuer, among those whom the trust file names and the policy accepts, and
 * under their keys. NULL: nobody's. */
static const struct trust_verifier *decide_signature(const struct endorsement *e,
                                                     const struct vouched *v,
                                                     const struct question *q, struct answer *x)
{
    const struct trust_verifier *by = trust_verifier_find(q->trust, v->issuer);
    struct arena scratch = *q->arena; /* what is decoded is not kept */
    struct situs_err err = {0};
    if (!by) {
        answer_fail(x, CHECK_VOUCH_SIGNATURE, SITUS_UNTRUSTED, "iss",
                    "an issuer that the trust file names", TEXT_CUT(v->issuer),
                    "name it in \"verifiers\" of the trust file, with its keys: situs-trust(5)");
        return NULL;
    }
    if (!policy_word(q->policy, PARAM_VOUCH_VERIFIERS, span_text(by->anchor.name)) &&
        !answer_fail(x, CHECK_VOUCH_SIGNATURE, SITUS_NOT_ALLOWED, "verifiers",
                     "a verifier that the policy accepts", by->anchor.name,
                     "name it in vouch.signature.verifiers of the policy"))
        return NULL;
    if (!v->open(by, e->bytes, &scratch, x->part, &err) &&
        !finding_fail_err(&x->findings, CHECK_VOUCH_SIGNATURE, &err))
        return NULL;
    finding_pass(&x->findings, CHECK_VOUCH_SIGNATURE);
    return by;
}

static void decide_window(const struct vouched *v, const struct question *q, struct answer *x)
{
    int64_t begin = v->iat > v->nbf ? v->iat : v->nbf;
    if (q->at >= v->exp) /* RFC 7519 4.1.4: on or after */
        answer_fail(x, CHECK_VOUCH_WINDOW, SITUS_EXPIRED, "exp", TEXT_TIME(q->at),
                    TEXT_TIME(v->exp), "have the quote attested by that verifier again");
    else if (q->at < begin - SKEW)
        answer_fail(x, CHECK_VOUCH_WINDOW, SITUS_NOT_YET_VALID, v->iat > v->nbf ? "iat" : "nbf",
                    TEXT_TIME(q->at), TEXT_TIME(begin), "one of the two clocks is wrong");
    else
        finding_pass(&x->findings, CHECK_VOUCH_WINDOW);
    finding_until(&x->findings, CHECK_VOUCH_WINDOW, v->exp - 1, "the other verifier's token");
}

static bool same(enum claim_id id, const struct claim *a, const struct claim *b)
{
    return claim_row(id)->type == CLAIM_IS_BYTES ? span_equal(a->bytes, b->bytes)
                                                 : a->num == b->num;
}

static bool other(struct answer *x, enum claim_id id, const struct claim *is,
                  const struct claim *said)
{
    bool bytes = claim_row(id)->type == CLAIM_IS_BYTES;
    return answer_fail(x, CHECK_VOUCH_MATCH, SITUS_MISMATCH, claim_row(id)->name,
                       !is     ? "a quote that has it"
                       : bytes ? TEXT_HEX(is->bytes)
                               : TEXT_NUM(is->num),
                       bytes ? TEXT_HEX(said->bytes) : TEXT_NUM(said->num),
                       "the token was given for another quote: get one for this");
}

/* All that the token says of its quote is so of the verified one here. */
static bool is_of_this_quote(const struct vouched *v, const struct claims *tee, struct answer *x)
{
    if (v->tee != tee_find(tee->instance))
        return answer_fail(x, CHECK_VOUCH_MATCH, SITUS_MISMATCH, "tee", tee->instance,
                           tee_row(v->tee)->name,
                           "the token was given for a quote of another kind of TEE");
    for (size_t i = 0; i < v->n_said; i++) {
        enum claim_id id = v->said[i].id;
        const struct claim *is = claims_get(tee, id);
        if (!is || !same(id, is, &v->said[i].is))
            return other(x, id, is, &v->said[i].is);
    }
    return true;
}

static bool decide_policy(const struct vouched *v, const struct question *q, struct answer *x)
{
    if (q->policy->v[PARAM_VOUCH_POLICIES].given)
        return policy_word(q->policy, PARAM_VOUCH_POLICIES, v->policy) ||
               answer_fail(x, CHECK_VOUCH_MATCH, SITUS_NOT_ALLOWED, "policy",
                           "a policy of the verifier's that yours accepts", TEXT_CUT(v->policy),
                           "whoever owns that instance chose what it lets by; if you know that "
                           "policy, name its hash in vouch.match.policies");
    answer_note(x, "which policy the other verifier applied was not asked (vouch.match.policies): "
                   "whoever owns its instance chose that");
    return true;
}

static void decide_match(const struct vouched *v, const struct question *q, struct answer *x)
{
    const struct claims *tee = &q->claims[INSTANCE_TEE];
    if (!tee->authority) {
        answer_skip(x, CHECK_VOUCH_MATCH, "no verified quote to which the token could belong");
        return;
    }
    if (!is_of_this_quote(v, tee, x) || !decide_policy(v, q, x))
        return;
    if (!span_equal(v->verdict, span_text(v->wanted)))
        answer_fail(x, CHECK_VOUCH_MATCH, SITUS_NOT_ALLOWED, "compliance", v->wanted,
                    v->verdict.n ? TEXT_CUT(v->verdict) : "none",
                    "the other verifier does not call it that");
    else
        finding_pass(&x->findings, CHECK_VOUCH_MATCH);
}

static void state(const struct vouched *v, struct claims *c)
{
    claim_bytes(c, CLAIM_TOKEN_ISSUER, v->issuer);
    claim_num(c, CLAIM_NOT_BEFORE, v->nbf);
    claim_num(c, CLAIM_NOT_AFTER, v->exp);
    if (v->policy.n)
        claim_bytes(c, CLAIM_TOKEN_POLICY, v->policy);
    if (v->verdict.n)
        claim_bytes(c, CLAIM_COMPLIANCE, v->verdict);
    if (v->vm.n)
        claim_bytes(c, CLAIM_VM_ID, v->vm);
}

void vouching_tell(const struct vouched *v, struct claims *c)
{
    state(v, c);
    for (size_t i = 0; i < v->n_said; i++)
        c->v[v->said[i].id] = v->said[i].is;
}

void vouching_answer(const struct endorsement *e, const struct vouched *v, const struct question *q,
                     struct answer *x)
{
    const struct trust_verifier *by = decide_signature(e, v, q, x);
    if (!by)
        return;
    state(v, &x->claims);
    answer_note(x, "how the other verifier came to its token nobody else sees: its rules, its code "
                   "and its reference values are its word alone");
    decide_window(v, q, x);
    decide_match(v, q, x);
    if (answer_held(x, &vouching_family) == 3)
        x->claims.authority = &by->anchor;
}

/* Nobody takes back a token: it ends, and its verifier's keys are the trust file's. */
static void withdraw(const struct endorsement *e, const struct question *q, struct answer *x)
{
    simulated_check(&x->findings, CHECK_VOUCH_SIGNATURE, q->policy, &x->claims, e->part);
}

const struct answer_family vouching_family = {
    .rows = KIND_VOUCH,
    .instance = INSTANCE_VOUCH,
    .name = "vouch",
    .signature = CHECK_VOUCH_SIGNATURE,
    .match = CHECK_VOUCH_MATCH,
    .owners = CHECK_VOUCH_MATCH,
    .part = "vouch",
    .owner = "owner",
    .hint = "",
    .revoke = withdraw,
};
