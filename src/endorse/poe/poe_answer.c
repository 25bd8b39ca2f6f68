/* What an ownership endorsement answers: the rows poe.* (DESIGN: ownership). */
#include "crypto/x509.h"
#include "endorse/poe/poe_verify.h"
#include "endorse/revocation/revocations.h"
#include "model/simulated.h"

static bool is_poe(const char *name, struct span in)
{
    (void)name;
    return endorsement_is_type(in, POE_CONTENT_TYPE);
}

static bool read_poe(struct endorsement *e, const struct trust *once, struct arena *a,
                     struct situs_err *err)
{
    struct poe *poe = ARENA_NEW(a, struct poe);
    e->doc = poe;
    if (!poe)
        return endorsement_no_memory(e, err);
    return poe_read(poe, e->bytes, e->part, err) &&
           (!once || poe_know(poe, once, a) || endorsement_no_memory(e, err));
}

static const struct span *chain_of(const struct endorsement *e, size_t *n)
{
    const struct poe *poe = e->doc;
    *n = poe->n_certs;
    return poe->certs;
}

static void answer_poe(const struct endorsement *e, const struct question *q, struct answer *x)
{
    const struct poe_question question = {.poe = e->doc,
                                          .trust = q->trust,
                                          .policy = q->policy,
                                          .crls = q->crls,
                                          .cache = q->issuers,
                                          .at = q->at,
                                          .part = e->part};
    poe_verify(&question, q->arena, &x->claims, &x->findings);
    simulated_check(&x->findings, CHECK_POE_SIGNATURE, q->policy, &x->claims, e->part);
    poe_match(&x->claims, &q->claims[INSTANCE_TEE], e->part, &x->findings);
    poe_owner(&x->claims, q->policy, e->part, &x->findings);
}

/* The lists of the issuer are asked of the machine, and of what the endorsement names. */
static struct revocation_question ask(const struct poe *poe, const struct question *q,
                                      const struct claims *by,
                                      struct revocation_id ids[REVOCATION_MACHINE_IDS + 2])
{
    size_t n = revocations_machine(q->claims, ids);
    ids[n++] = (struct revocation_id){REVOCATION_PIID, poe->piid};
    ids[n++] = (struct revocation_id){REVOCATION_POE_ID, poe->id.v};
    return revocations_question(q, ANCHOR_POE, by->authority, &by->issuers, ids, n);
}

static void revoke(const struct endorsement *e, const struct question *q, struct answer *x)
{
    struct span seen;
    struct revocation_id ids[REVOCATION_MACHINE_IDS + 2];
    const struct finding *f = &x->findings.v[CHECK_POE_REVOKED];
    if (e->why)
        return;
    if (!x->claims.authority) {
        answer_skip(x, CHECK_POE_REVOKED, "the endorsement does not hold");
        return;
    }
    const struct revocation_question question = ask(e->doc, q, &x->claims, ids);
    const char *note = revocation_check(&question, &seen, &x->findings);
    if (q->revocations->unread && f->outcome == OUTCOME_PASS) {
        finding_retract(&x->findings, CHECK_POE_REVOKED);
        answer_skip(x, CHECK_POE_REVOKED, REVOCATIONS_UNREAD);
        return;
    }
    answer_note(x, note);
    if (seen.n)
        claim_bytes(&x->claims, CLAIM_REVOCATION_SEEN, seen);
}

static bool matches(const struct answer *x)
{
    return x->claims.authority && x->findings.v[CHECK_POE_MATCH].outcome == OUTCOME_PASS;
}

static bool is_of(const struct poe *poe, const struct claims *tee)
{
    const struct claim *piid = claims_get(tee, CLAIM_PIID);
    return piid && span_equal(piid->bytes, poe->piid);
}

static const struct situs_err *signature_failed(const struct answer *x)
{
    const struct finding *f = &x->findings.v[CHECK_POE_SIGNATURE];
    return f->outcome == OUTCOME_FAIL ? f->why : NULL;
}

/* The issuer's signature alone: only what the caller's own CRLs take back says nothing any more.
 * Where one of them cannot be used the word stands. What is said for want of memory is asked
 * twice. */
static void verify_alone(const struct endorsement *e, const struct question *q, struct answer *x)
{
    struct poe_question alone = {.poe = e->doc,
                                 .trust = q->trust,
                                 .crls = q->crls,
                                 .own_crls_alone = true,
                                 .cache = q->issuers,
                                 .at = q->at,
                                 .part = e->part};
    for (int again = 0; again < 2; again++) {
        answer_begin(x, &poe_family, q, e->part);
        poe_verify(&alone, q->arena, &x->claims, &x->findings);
        const struct situs_err *why = signature_failed(x);
        if (!why || why->code == SITUS_REVOKED)
            break;
        if (x509_is_of_crl(why))
            alone.crls = NULL;
    }
    poe_match(&x->claims, &q->claims[INSTANCE_TEE], e->part, &x->findings);
}

/* Whom an endorsement names as the platform's owner: by its own window and its issuer's signature
 * alone. One that the policy finds too old, for whose issuer no CRL is at hand, or which a CRL that
 * the sender of the evidence chose takes back, or an old list of his choice, gives no proof; it
 * contradicts another all the same. */
static void name_owner(const struct endorsement *e, const struct question *q, struct answer *x)
{
    struct answer alone;
    struct revocation_id ids[REVOCATION_MACHINE_IDS + 2];
    const struct poe *poe = e->doc;
    x->names = matches(x) && x->findings.v[CHECK_POE_REVOKED].outcome != OUTCOME_FAIL;
    if (x->names || e->why || !is_of(poe, &q->claims[INSTANCE_TEE]))
        return;
    verify_alone(e, q, &alone);
    const struct situs_err *why = signature_failed(&alone);
    x->lost = why && (why->code == SITUS_NO_MEMORY || why->code == SITUS_INTERNAL);
    if (!matches(&alone))
        return;
    const struct revocation_question question = ask(poe, q, &alone.claims, ids);
    x->names = !revocation_ends(&question);
    claim_bytes(&x->claims, CLAIM_OWNER, poe->owner);
}

const struct answer_family poe_family = {
    .rows = KIND_POE,
    .instance = INSTANCE_POE,
    .name = POE_INSTANCE,
    .signature = CHECK_POE_SIGNATURE,
    .match = CHECK_POE_MATCH,
    .owners = CHECK_POE_OWNER,
    .part = "endorsement",
    .owner = "endorsement.owner_name",
    .hint = "two owners claim this platform; ask both issuers",
    .any_two = true,
    .revoke = revoke,
    .name_owner = name_owner,
};

const struct endorsement_does poe_endorsement = {
    .is = is_poe, .read = read_poe, .chain = chain_of, .family = &poe_family, .answer = answer_poe};
