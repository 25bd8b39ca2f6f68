/* Verification of ownership endorsements; see poe_verify.h. Sections are those of the draft. */
#include "endorse/poe/poe_verify.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/x509.h"

#define DAY 86400

/* What the steps share. */
struct work {
    const struct poe_question *q;
    struct arena *arena;
    struct claims *claims;
    struct findings *findings;
    struct x509 *cert[LIMIT_CHAIN_CERTS];
    struct poe_issuer fresh;         /* owns its key until the cache does */
    const struct poe_issuer *issuer; /* fresh, or the cache's */
    const struct anchor *anchor;
    struct window window;
};

static bool fail(struct work *w, enum check c, enum situs_code code, const char *field,
                 const char *expected, const char *got)
{
    return finding_fail(w->findings, c, code, FINDING_AT(w->q->part, field), expected, got, NULL);
}

static void narrow(struct window *w, struct window by)
{
    w->from = by.from > w->from ? by.from : w->from;
    w->to = by.to < w->to ? by.to : w->to;
}

/* Section 3.5.4: the window is what rim-validity and all certificates share. */
static bool check_window(struct work *w, struct window certificates)
{
    const struct window *rim = &w->q->poe->validity;
    int64_t at = w->q->at;
    w->window = *rim;
    narrow(&w->window, certificates);
    if (w->window.from > w->window.to)
        return fail(w, CHECK_POE_WINDOW, SITUS_MISMATCH, "window",
                    "a time that endorsement and certificates share", "none");
    if (at < w->window.from)
        return fail(w, CHECK_POE_WINDOW, SITUS_NOT_YET_VALID,
                    at < rim->from ? "corim.rim_validity.not_before" : "x5chain.not_before",
                    TEXT_TIME(w->window.from), TEXT_TIME(at));
    if (at > w->window.to)
        return fail(w, CHECK_POE_WINDOW, SITUS_EXPIRED,
                    at > rim->to ? "corim.rim_validity.not_after" : "x5chain.not_after",
                    TEXT_TIME(w->window.to), TEXT_TIME(at));
    const struct param_value *age = w->q->policy ? &w->q->policy->v[PARAM_POE_MAX_AGE] : NULL;
    if (age && age->given && at - rim->from > age->num * DAY)
        return fail(w, CHECK_POE_WINDOW, SITUS_NOT_ALLOWED, "max_age_days", TEXT_NUM(age->num),
                    TEXT_NUM((at - rim->from) / DAY));
    return true;
}

static bool require_crl(const struct work *w)
{
    return w->q->policy && w->q->policy->v[PARAM_POE_REQUIRE_CRL].flag;
}

static int64_t crl_days(const struct work *w)
{
    return w->q->policy ? w->q->policy->v[PARAM_POE_MAX_CRL_AGE].num : 0;
}

/* The certificates that were sent, and the time that they share. */
static bool read_certs(struct work *w, struct window *shared)
{
    struct situs_err err = {0};
    *shared = (struct window){INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < w->q->poe->n_certs; i++) {
        struct window valid;
        w->cert[i] = x509_read(w->q->poe->certs[i], NULL, w->q->part, &err);
        if (!w->cert[i])
            return finding_fail_err(w->findings, CHECK_POE_SIGNATURE, &err);
        if (!x509_validity(w->cert[i], &valid))
            return fail(w, CHECK_POE_SIGNATURE, SITUS_MALFORMED, "x5chain.validity", "two times",
                        NULL);
        narrow(shared, valid);
    }
    return true;
}

static bool is_late(const struct situs_err *err)
{
    return (err->code == SITUS_EXPIRED || err->code == SITUS_NOT_YET_VALID) && !x509_is_of_crl(err);
}

/* Sections 7.1 and 7.3: an anchor for this use, and the CRLs that are at hand. */
static bool check_chain(struct work *w)
{
    struct trust_anchors anchors;
    const struct poe_known *known = w->q->poe->known;
    if (!trust_anchors(w->q->trust, ANCHOR_POE, AK_PROFILE_NONE, w->arena, &anchors))
        return fail(w, CHECK_POE_SIGNATURE, SITUS_NO_MEMORY, "anchors", NULL, NULL);
    const struct x509_question q = {
        .leaf = w->cert[0],
        .extra = w->q->poe->certs + 1,
        .n_extra = w->q->poe->n_certs - 1,
        .anchors = anchors.v,
        .n_anchors = anchors.n,
        .known = known && trust_marked(&known->trust, w->q->trust) ? &known->chain : NULL,
        .crls = w->q->crls,
        .own_crls_alone = w->q->own_crls_alone,
        .require_crls = require_crl(w),
        .bundle_crl_days = crl_days(w),
        .at = w->q->at,
        .part = w->q->part};
    struct x509_answer answer;
    struct situs_err err = {0};
    if (!x509_verify(&q, &answer, &err))
        return finding_fail_err(w->findings, is_late(&err) ? CHECK_POE_WINDOW : CHECK_POE_SIGNATURE,
                                &err);
    memcpy(w->fresh.anchor, answer.sha256, sizeof w->fresh.anchor);
    w->fresh.issuers = answer.issuers;
    narrow(&w->fresh.valid, answer.valid);
    if (x509_crls_concern(w->q->crls, &answer.issuers))
        finding_until(w->findings, CHECK_POE_SIGNATURE, answer.same.to,
                      "the chain of the endorsement's issuer, or a CRL");
    return true;
}

/* The leaf signs, is no CA's, and its key is of the one curve that both algorithms use (3.3). */
static bool check_leaf(struct work *w)
{
    struct situs_err err = {0};
    w->fresh.key = x509_key(w->cert[0], w->q->part, &err);
    if (!w->fresh.key)
        return finding_fail_err(w->findings, CHECK_POE_SIGNATURE, &err);
    if (!verify_key_on(w->fresh.key, CURVE_P384))
        return fail(w, CHECK_POE_SIGNATURE, SITUS_NOT_ALLOWED, "x5chain[0].key",
                    "an ECC key on P-384", "another key");
    if (!x509_may_sign(w->cert[0]))
        return fail(w, CHECK_POE_SIGNATURE, SITUS_NOT_ALLOWED, "x5chain[0].key_usage",
                    "digitalSignature, and no CA", "another use");
    x509_subject(w->cert[0], w->fresh.subject, sizeof w->fresh.subject);
    return cose_thumbprint(w->fresh.key, w->fresh.thumbprint) ||
           fail(w, CHECK_POE_SIGNATURE, SITUS_INTERNAL, "kid", "a digest", "a failure");
}

/* A chain that holds, verified now. */
static bool verify_issuer(struct work *w)
{
    if (!read_certs(w, &w->fresh.valid) || !check_window(w, w->fresh.valid) || !check_chain(w) ||
        !check_leaf(w))
        return false;
    w->issuer = &w->fresh;
    return true;
}

/* The chain is known, or verified now; the time is judged in either case. */
static bool find_issuer(struct work *w)
{
    uint8_t id[32];
    bool cached = w->q->cache && !require_crl(w) && digest(HASH_SHA256, w->q->poe->x5chain, id);
    w->issuer = cached ? issuer_cache_find(w->q->cache, id) : NULL;
    if (w->issuer && (!trust_find(w->q->trust, w->issuer->anchor, ANCHOR_POE) ||
                      x509_crls_concern(w->q->crls, &w->issuer->issuers)))
        w->issuer = NULL; /* verified under another anchor, or without a CRL that has a say */
    if (!w->issuer && !verify_issuer(w))
        return false;
    if (cached && w->issuer == &w->fresh && !x509_crls_concern(w->q->crls, &w->fresh.issuers)) {
        w->issuer = issuer_cache_keep(w->q->cache, id, &w->fresh);
        w->fresh.key = NULL;
    }
    w->anchor = trust_find(w->q->trust, w->issuer->anchor, ANCHOR_POE);
    return check_window(w, w->issuer->valid);
}

/* It was verified before, under this very key. */
static bool holds_by(const struct poe *p, const struct poe_issuer *issuer)
{
    return p->known && p->known->holds &&
           memcmp(p->known->thumbprint, issuer->thumbprint, sizeof issuer->thumbprint) == 0;
}

/* kid (section 3.2) ties the protected header to the key; then the signature itself. */
static bool check_signature(struct work *w)
{
    const struct poe *p = w->q->poe;
    struct span thumbprint = SPAN_ARR(w->issuer->thumbprint);
    if (!span_equal(p->kid, thumbprint))
        return fail(w, CHECK_POE_SIGNATURE, SITUS_MISMATCH, "kid", TEXT_HEX(thumbprint),
                    TEXT_HEX(p->kid));
    struct hot_keys *hot = w->q->cache ? issuer_cache_hot(w->q->cache) : NULL;
    if (!holds_by(p, w->issuer) && !cose_verify(&p->cose, p->alg, w->issuer->key, hot))
        return fail(w, CHECK_POE_SIGNATURE, SITUS_BAD_SIGNATURE, "signature",
                    "a signature by the issuer", NULL);
    return true;
}

/* The text form of an id: hex of a UUID, or the issuer's text. */
static struct span id_text(struct arena *a, struct poe_id id)
{
    return id.text ? id.v : arena_copy(a, span_text(TEXT_HEX(id.v)));
}

static void state(struct work *w)
{
    const struct poe *p = w->q->poe;
    struct claims *c = w->claims;
    claim_bytes(c, CLAIM_OWNER, p->owner);
    claim_bytes(c, CLAIM_ISSUER, arena_copy(w->arena, span_text(w->issuer->subject)));
    claim_bytes(c, CLAIM_ISS, p->iss);
    claim_num(c, CLAIM_NOT_BEFORE, w->window.from);
    claim_num(c, CLAIM_NOT_AFTER, w->window.to);
    claim_num(c, CLAIM_BEGINS, p->validity.from);
    claim_bytes(c, CLAIM_ENDORSEMENT_ID, id_text(w->arena, p->id));
    claim_bytes(c, CLAIM_TAG_ID, id_text(w->arena, p->tag_id));
    if (p->refresh_uri.n)
        claim_bytes(c, CLAIM_REFRESH_URI, p->refresh_uri);
    claim_bytes(c, CLAIM_PIID, p->piid);
    c->authority = w->anchor;
    c->issuers = w->issuer->issuers;
}

void poe_verify(const struct poe_question *q, struct arena *a, struct claims *c, struct findings *f)
{
    struct work w = {.q = q, .arena = a, .claims = c, .findings = f};
    c->authority = NULL;
    c->instance = POE_INSTANCE;
    if (find_issuer(&w) && w.anchor) {
        finding_pass(f, CHECK_POE_WINDOW);
        finding_until(f, CHECK_POE_WINDOW, w.window.to, "the endorsement, or its issuer's chain");
        if (check_signature(&w)) {
            finding_pass(f, CHECK_POE_SIGNATURE);
            state(&w);
        }
    } else if (f->v[CHECK_POE_WINDOW].outcome == OUTCOME_FAIL) {
        finding_skip(f, CHECK_POE_SIGNATURE, "not judged outside of its time");
    } else {
        finding_skip(f, CHECK_POE_WINDOW, "the issuer's chain does not hold");
    }
    for (size_t i = 0; i < LIMIT_CHAIN_CERTS; i++)
        x509_free(w.cert[i]);
    verify_key_free(w.fresh.key);
}

/* As of a time in the endorsement's window and of the issuer's certificate. */
static void know(const struct poe *p, const struct x509 *leaf, const struct trust *trust,
                 const struct trust_anchors *anchors, struct poe_known *known)
{
    struct situs_err why = {0};
    struct window valid = p->validity;
    const struct x509_question q = {
        .leaf = leaf,
        .extra = p->certs + 1,
        .n_extra = p->n_certs - 1,
        .anchors = anchors->v,
        .n_anchors = anchors->n,
        .at = x509_validity(leaf, &valid) && valid.from > p->validity.from ? valid.from
                                                                           : p->validity.from,
        .part = ""};
    struct public_key *key = x509_key(leaf, "", &why);
    known->trust = trust_mark(trust);
    known->holds = key && verify_key_on(key, CURVE_P384) &&
                   cose_thumbprint(key, known->thumbprint) &&
                   cose_verify(&p->cose, p->alg, key, NULL);
    x509_know(&q, &known->chain);
    verify_key_free(key);
}

bool poe_know(struct poe *p, const struct trust *trust, struct arena *a)
{
    struct situs_err why = {0};
    struct trust_anchors anchors;
    struct poe_known *known = ARENA_NEW(a, struct poe_known);
    struct arena scratch = *a;
    if (!known || !trust_anchors(trust, ANCHOR_POE, AK_PROFILE_NONE, &scratch, &anchors))
        return false;
    struct x509 *leaf = x509_read(p->certs[0], NULL, "", &why);
    if (leaf)
        know(p, leaf, trust, &anchors, known);
    x509_free(leaf);
    p->known = known;
    return true;
}

void poe_match(const struct claims *c, const struct claims *tee, const char *part,
               struct findings *f)
{
    const struct claim *named = claims_get(c, CLAIM_PIID), *has = claims_get(tee, CLAIM_PIID);
    if (!named)
        finding_skip(f, CHECK_POE_MATCH, "the endorsement does not hold");
    else if (!tee->authority)
        finding_skip(f, CHECK_POE_MATCH, "no verified quote says which platform it is");
    else if (!has)
        finding_skip(f, CHECK_POE_MATCH,
                     "the PCK certificate has no platform instance id (Processor CA)");
    else if (!span_equal(named->bytes, has->bytes))
        finding_fail(f, CHECK_POE_MATCH, SITUS_MISMATCH, FINDING_AT(part, "condition.piid"),
                     TEXT_HEX(has->bytes), TEXT_HEX(named->bytes),
                     "give the endorsement of this platform; an SGX factory reset changes the id");
    else
        finding_pass(f, CHECK_POE_MATCH);
}

void poe_owner(const struct claims *c, const struct policy *policy, const char *part,
               struct findings *f)
{
    const struct claim *owner = claims_get(c, CLAIM_OWNER);
    if (!owner)
        finding_skip(f, CHECK_POE_OWNER, "the endorsement does not hold");
    else if (!policy->v[PARAM_POE_OWNER_ALLOW].given)
        finding_skip(f, CHECK_POE_OWNER, "the policy names no owner (poe.owner.allow)");
    else if (!policy_pair(policy, PARAM_POE_OWNER_ALLOW, span_text(c->authority->name),
                          owner->bytes))
        finding_fail(
            f, CHECK_POE_OWNER, SITUS_NOT_ALLOWED, FINDING_AT(part, "endorsement.owner_name"),
            "an issuer and owner that poe.owner.allow lists", TEXT_CUT(owner->bytes), NULL);
    else
        finding_pass(f, CHECK_POE_OWNER);
}
