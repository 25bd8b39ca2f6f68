/* Endorsements of the machine; see ownership.h. */
#include "situs/ownership.h"

#include "base/text.h"
#include "endorse/id_list/id_list.h"
#include "endorse/poe/poe_verify.h"
#include "endorse/revocation/revocation.h"
#include "situs/registries.h"

/* One endorsement's own findings, and how far it got. */
struct answer {
    const char *part, *note;
    struct findings findings;
    struct claims claims;
};

struct work {
    struct result *r;
    const struct gathered *g;
    const struct verify_request *q;
    struct arena *a;
    struct span crls[LIMIT_CHAIN_CERTS];
    size_t n_crls;
    const struct revocation *revocations[LIMIT_ENDORSEMENTS];
    size_t n_revocations;
};

#define IDS_MAX 5

/* Everything by which the machine can be taken back; what no chain vouches for is left out. */
static size_t machine_ids(const struct work *w, struct revocation_id ids[IDS_MAX])
{
    static const struct {
        enum instance instance;
        enum claim_id claim;
        enum revocation_kind kind;
    } rows[] = {{INSTANCE_TEE, CLAIM_PIID, REVOCATION_PIID},
                {INSTANCE_TEE, CLAIM_PPID, REVOCATION_PPID},
                {INSTANCE_GUEST, CLAIM_EK_NAME, REVOCATION_EK},
                {INSTANCE_GUEST, CLAIM_AK_NAME, REVOCATION_AK_NAME}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct claim *c = claims_get(&w->r->claims[rows[i].instance], rows[i].claim);
        if (c)
            ids[n++] = (struct revocation_id){rows[i].kind, c->bytes};
    }
    return n;
}

static struct revocation_question revocation_of(const struct work *w, const struct anchor *issuer,
                                                enum anchor_use use,
                                                const struct revocation_id *ids, size_t n)
{
    return (struct revocation_question){.lists = w->revocations,
                                        .n_lists = w->n_revocations,
                                        .ids = ids,
                                        .n_ids = n,
                                        .issuer = issuer,
                                        .use = use,
                                        .crls = w->crls,
                                        .n_crls = w->n_crls,
                                        .trust = w->q->trust,
                                        .policy = w->q->policy,
                                        .at = w->q->at,
                                        .seen = w->q->revocation_seen,
                                        .arena = w->a};
}

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

static void check_revoked(struct work *w, struct answer *x, const struct poe *poe)
{
    struct revocation_id ids[IDS_MAX];
    if (!x->claims.authority) {
        finding_skip(&x->findings, CHECK_POE_REVOKED, "the endorsement does not hold");
        return;
    }
    size_t n = machine_ids(w, ids);
    ids[n++] = (struct revocation_id){REVOCATION_POE_ID, poe->id.v};
    const struct revocation_question q = revocation_of(w, x->claims.authority, ANCHOR_POE, ids, n);
    x->note = revocation_check(&q, &x->findings);
}

static void judge(struct work *w, const struct endorsement *e, struct answer *x)
{
    struct situs_err err = {0};
    struct poe *poe = ARENA_NEW(w->a, struct poe);
    *x = (struct answer){.part = e->part, .findings = {.arena = w->a}};
    if (!poe) {
        err_fail(&err, SITUS_NO_MEMORY, e->part, "", SITUS_NO_OFFSET, NULL, NULL);
        finding_fail_err(&x->findings, CHECK_POE_SIGNATURE, &err);
        return;
    }
    if (!poe_read(poe, e->bytes, e->part, &err)) {
        finding_fail_err(&x->findings, CHECK_POE_SIGNATURE, &err);
        return;
    }
    const struct poe_question question = {.poe = poe,
                                          .trust = w->q->trust,
                                          .policy = w->q->policy,
                                          .crls = w->crls,
                                          .n_crls = w->n_crls,
                                          .cache = w->q->issuers,
                                          .at = w->q->at,
                                          .part = e->part};
    poe_verify(&question, w->a, &x->claims, &x->findings);
    poe_match(&x->claims, &w->r->claims[INSTANCE_TEE], e->part, &x->findings);
    poe_owner(&x->claims, w->q->policy, e->part, &x->findings);
    check_revoked(w, x, poe);
}

/* Copies the rows; a claim of an endorsement with a failed row is nobody's. */
static void settle(struct result *r, const struct answer *best)
{
    r->claims[INSTANCE_POE] = best->claims;
    result_note(r, best->note);
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        if (check_row(c)->kind != KIND_POE)
            continue;
        r->findings.v[c] = best->findings.v[c];
        if (best->findings.v[c].outcome == OUTCOME_FAIL)
            r->claims[INSTANCE_POE].authority = NULL;
    }
}

/* Two owners of one platform: somebody is wrong, and it is not for us to say who. */
static void refuse_two_owners(struct answer *best, const struct answer *other)
{
    struct span a = best->claims.v[CLAIM_OWNER].bytes, b = other->claims.v[CLAIM_OWNER].bytes;
    best->findings.v[CHECK_POE_OWNER] = (struct finding){.outcome = OUTCOME_NOT_RUN};
    finding_fail(&best->findings, CHECK_POE_OWNER, SITUS_DUPLICATE, other->part,
                 "endorsement.owner_name", TEXT_CUT(a), TEXT_CUT(b),
                 "two owners claim this platform; ask both issuers");
}

/* CRLs and revocation lists. One that does not read takes nothing back: poe.revoked then lacks its
 * list and does not run. */
static void find_withdrawals(struct work *w)
{
    for (size_t i = 0; i < w->g->n_endorsements; i++) {
        const struct endorsement *e = &w->g->endorsements[i];
        struct situs_err err = {0};
        if (e->kind == ENDORSEMENT_CRL && w->n_crls < LIMIT_CHAIN_CERTS)
            w->crls[w->n_crls++] = e->bytes;
        if (e->kind != ENDORSEMENT_REVOCATION)
            continue;
        struct revocation *list = ARENA_NEW(w->a, struct revocation);
        if (list && revocation_read(list, e->bytes, &err))
            w->revocations[w->n_revocations++] = list;
        else
            result_note(w->r, "a revocation list does not read, and was left aside");
    }
}

void ownership_poe(struct result *r, const struct gathered *g, const struct verify_request *q,
                   struct arena *a)
{
    struct work w = {.r = r, .g = g, .q = q, .a = a};
    struct answer best = {.part = NULL}, next, holder = {.part = NULL};
    bool two_owners = false;
    find_withdrawals(&w);
    for (size_t i = 0; i < g->n_endorsements; i++) {
        if (g->endorsements[i].kind != ENDORSEMENT_POE)
            continue;
        judge(&w, &g->endorsements[i], &next);
        if (names_owner(&next) && holder.part && !two_owners &&
            !span_equal(next.claims.v[CLAIM_OWNER].bytes, holder.claims.v[CLAIM_OWNER].bytes)) {
            refuse_two_owners(&holder, &next);
            two_owners = true;
        }
        if (names_owner(&next) && !holder.part)
            holder = next;
        if (!best.part || passes(&next) > passes(&best))
            best = next;
    }
    if (best.part)
        settle(r, two_owners ? &holder : &best);
}

static void judge_list(struct work *w, const struct endorsement *e, struct listing *out)
{
    const struct listing_question question = {.tee = &w->r->claims[INSTANCE_TEE],
                                              .guest = &w->r->claims[INSTANCE_GUEST],
                                              .quote = w->g->quote.whole,
                                              .trust = w->q->trust,
                                              .policy = w->q->policy,
                                              .at = w->q->at,
                                              .seen = w->q->list_seen,
                                              .arena = w->a};
    struct situs_err err = {0};
    if (registries_answer(e, &question, out))
        return;
    struct id_list *list = ARENA_NEW(w->a, struct id_list);
    listing_begin(out, &question, e->part);
    if (!list)
        listing_fail(out, CHECK_LIST_SIGNATURE, SITUS_NO_MEMORY, "", NULL, NULL, NULL);
    else if (!id_list_read(list, e->bytes, &err))
        finding_fail_err(&out->findings, CHECK_LIST_SIGNATURE, &err);
    else
        id_list_answer(list, &question, w->crls, w->n_crls, out);
    struct revocation_id ids[IDS_MAX];
    const struct revocation_question q =
        revocation_of(w, out->claims.authority, ANCHOR_LIST, ids, machine_ids(w, ids));
    if (!out->claims.authority || !revocation_named(&q, &err))
        return;
    out->findings.v[CHECK_LIST_MATCH] = (struct finding){.outcome = OUTCOME_NOT_RUN};
    finding_fail_err(&out->findings, CHECK_LIST_MATCH, &err);
    out->claims.authority = NULL;
}

static bool is_list(enum endorsement_kind kind)
{
    return kind != ENDORSEMENT_POE && kind != ENDORSEMENT_REVOCATION && kind != ENDORSEMENT_CRL;
}

void ownership_list(struct result *r, const struct gathered *g, const struct verify_request *q,
                    struct arena *a)
{
    struct work w = {.r = r, .g = g, .q = q, .a = a};
    const struct listing *answers[LIMIT_ENDORSEMENTS];
    size_t n = 0;
    find_withdrawals(&w);
    for (size_t i = 0; i < g->n_endorsements; i++) {
        if (!is_list(g->endorsements[i].kind))
            continue;
        struct listing *answer = ARENA_NEW(a, struct listing);
        if (!answer)
            continue;
        judge_list(&w, &g->endorsements[i], answer);
        answers[n++] = answer;
    }
    const struct listing *used =
        listing_settle(answers, n, &r->claims[INSTANCE_LIST], &r->findings);
    for (size_t i = 0; used && i < used->n_notes; i++)
        result_note(r, used->notes[i]);
}
