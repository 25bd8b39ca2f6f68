/* The common part of machine lists; see listing.h. */
#include "endorse/id_list/listing.h"

#include "base/text.h"
#include "endorse/revocation/revocations.h"
#include "model/simulated.h"
#include "model/trust_places.h"

static const struct {
    const char *name;
    size_t size;
    enum claim_id claim;
} kinds[LISTING_KIND_COUNT] = {
    [LISTING_PPID] = {"ppid", 16, CLAIM_PPID},
    [LISTING_CHIP_ID] = {"chip_id", 64, CLAIM_CHIP_ID},
};

const char *listing_kind_name(enum listing_kind kind)
{
    return kinds[kind].name;
}

size_t listing_kind_size(enum listing_kind kind)
{
    return kinds[kind].size;
}

struct span listing_id(const struct question *q, enum listing_kind kind)
{
    const struct claim *id = claims_get(&q->claims[INSTANCE_TEE], kinds[kind].claim);
    return id && id->bytes.n == kinds[kind].size ? id->bytes : span_of(NULL, 0);
}

bool listing_accepts(struct answer *x, const struct question *q, const char *source)
{
    claim_bytes(&x->claims, CLAIM_LIST_SOURCE, span_text(source));
    return policy_word(q->policy, PARAM_LIST_SOURCES, span_text(source)) ||
           answer_fail(x, CHECK_LIST_SIGNATURE, SITUS_NOT_ALLOWED, "source",
                       "a kind of list that the policy accepts", source,
                       "name it in list.signature.sources of the policy");
}

bool listing_decide_facility(struct answer *x, const struct question *q, struct span facility)
{
    claim_bytes(&x->claims, CLAIM_FACILITY, facility);
    return !q->policy->v[PARAM_LIST_FACILITIES].given ||
           policy_word(q->policy, PARAM_LIST_FACILITIES, facility) ||
           answer_fail(x, CHECK_LIST_MATCH, SITUS_NOT_ALLOWED, "facility",
                       "one that the policy lists", TEXT_CUT(facility), NULL);
}

bool listing_decide_denied(struct answer *x, const struct question *q, struct span id)
{
    return !policy_denies(q->policy, id) ||
           answer_fail(x, CHECK_LIST_MATCH, SITUS_REVOKED, "poe.revoked.deny",
                       "an id that the policy does not deny", TEXT_HEX(id), NULL);
}

/* A list that names no facility, as those of the alliance, is in no country. */
static void decide_country(struct answer *x, const struct question *q, const struct anchor *party)
{
    const struct claim *facility = &x->claims.v[CLAIM_FACILITY];
    struct situs_err err = {0};
    if (x->findings.v[CHECK_LIST_MATCH].outcome != OUTCOME_PASS ||
        trust_places_decide(q->policy, PARAM_LIST_COUNTRIES, q->trust, party,
                            facility->set ? facility->bytes : span_of(NULL, 0), x->part, &err))
        return;
    finding_fail_err(&x->findings, CHECK_LIST_MATCH, &err);
}

void listing_end(struct answer *x, const struct question *q, const struct anchor *party)
{
    decide_country(x, q, party);
    if (answer_held(x, &listing_family) == 4)
        x->claims.authority = party;
}

static bool same(const struct answer *a, const struct answer *b, enum claim_id id)
{
    return a->claims.v[id].set && span_equal(a->claims.v[id].bytes, b->claims.v[id].bytes);
}

/* Numbers are of one list: one signer's, for one facility and kind of id. A signer may stand under
 * two anchors, or change its name under one. */
static bool newer(const struct answer *a, const struct answer *than)
{
    const struct claim *n = &a->claims.v[CLAIM_LIST_NUMBER];
    const struct claim *m = &than->claims.v[CLAIM_LIST_NUMBER];
    return n->set && m->set && n->num > m->num && same(a, than, CLAIM_FACILITY) &&
           same(a, than, CLAIM_LIST_KIND) &&
           (same(a, than, CLAIM_ISSUER) || same(a, than, CLAIM_SIGNER));
}

static void supersede(struct answer *x, const struct answer *by)
{
    x->claims.authority = NULL;
    answer_fail(x, CHECK_LIST_ROLLBACK, SITUS_OUT_OF_DATE, "number",
                TEXT_NUM(by->claims.v[CLAIM_LIST_NUMBER].num),
                TEXT_NUM(x->claims.v[CLAIM_LIST_NUMBER].num),
                "a newer list of the signer's is beside it");
}

void listing_supersede(struct answer *const *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct answer *by = NULL;
        for (size_t j = 0; j < n; j++) {
            if (!newer(v[j], v[i]))
                continue;
            by = by ? by : v[j];
            /* Another's word, of a like name or under the same anchor, ends no contradiction. */
            v[i]->names &= !(same(v[j], v[i], CLAIM_ISSUER) && same(v[j], v[i], CLAIM_SIGNER));
        }
        if (by)
            supersede(v[i], by);
    }
}

/* A machine that the policy denies by any of its ids, or that a revocation list of the list's own
 * signer names, or could name, is on no list. */
static void withdraw(const struct endorsement *e, const struct question *q, struct answer *x)
{
    struct situs_err err = {0};
    struct revocation_id ids[REVOCATION_MACHINE_IDS];
    simulated_check(&x->findings, CHECK_LIST_SIGNATURE, q->policy, &x->claims, e->part);
    const struct anchor *by = x->signer ? x->signer : x->claims.authority;
    if (!by)
        return;
    const struct revocation_question question = revocations_question(
        q, ANCHOR_LIST, by, &x->claims.issuers, ids, revocations_machine(q->claims, ids));
    bool named = revocation_denied(&question, &err) || revocation_named(&question, &err);
    x->names = x->names && !revocation_ends(&question);
    if (!x->claims.authority || (!named && !q->revocations->unread))
        return;
    finding_retract(&x->findings, CHECK_LIST_MATCH);
    if (named)
        finding_fail_err(&x->findings, CHECK_LIST_MATCH, &err);
    else
        answer_skip(x, CHECK_LIST_MATCH, REVOCATIONS_UNREAD);
    x->claims.authority = NULL;
}

const struct answer_family listing_family = {
    .rows = KIND_LIST,
    .instance = INSTANCE_LIST,
    .name = "list",
    .signature = CHECK_LIST_SIGNATURE,
    .match = CHECK_LIST_MATCH,
    .owners = CHECK_LIST_MATCH,
    .part = "list",
    .owner = "owner",
    .hint = "two lists name two owners of one machine: ask both which is right",
    .revoke = withdraw,
    .beside = listing_supersede,
};
