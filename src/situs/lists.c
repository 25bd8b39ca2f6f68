/* Machine lists and revocation lists; see lists.h. */
#include "situs/lists.h"

#include "appraise/simulated.h"
#include "base/text.h"
#include "endorse/id_list/id_list.h"
#include "endorse/registry/alliance.h"
#include "endorse/registry/google_host.h"

#define UNREAD "a revocation list that was given does not read: nobody knows whom it names"

/* What is known of its signer begins with it: room for all is 28 KB, which are not zeroed for none. */
static void add(struct lists_revocations *out, const struct revocation *list)
{
    out->signer[out->n] = (struct revocation_signers){0};
    out->v[out->n++] = list;
}

void lists_revocations(struct lists_revocations *out, const struct gathered *g, struct arena *a)
{
    out->n = 0;
    out->unread = out->lost = false;
    for (size_t i = 0; i < g->n_endorsements; i++) {
        if (g->endorsements[i].kind != ENDORSEMENT_REVOCATION)
            continue;
        const struct revocation *given = g->endorsements[i].revocation;
        out->sent[out->n] = g->endorsements[i].from_bundle;
        if (given) {
            add(out, given);
            continue;
        }
        struct situs_err err = {0};
        struct revocation *list = ARENA_NEW(a, struct revocation);
        bool ok = list && revocation_read(list, g->endorsements[i].bytes, &err);
        out->lost |= !list;
        out->unread |= !ok;
        if (ok)
            add(out, list);
    }
}

/* An id that the evidence states with authority; empty when it does not. */
static struct span stated(const struct claims *c, enum claim_id id)
{
    const struct claim *found = claims_get(c, id);
    return found ? found->bytes : span_of(NULL, 0);
}

#define MACHINE_IDS 7

/* Everything by which the machine can be taken back. */
static void machine_ids(const struct result *r, struct revocation_id ids[MACHINE_IDS])
{
    const struct claims *tee = &r->claims[INSTANCE_TEE], *guest = &r->claims[INSTANCE_GUEST];
    const struct claims *platform = &r->claims[INSTANCE_PLATFORM];
    ids[0] = (struct revocation_id){REVOCATION_PIID, stated(tee, CLAIM_PIID)};
    ids[1] = (struct revocation_id){REVOCATION_PPID, stated(tee, CLAIM_PPID)};
    ids[2] = (struct revocation_id){REVOCATION_CHIP_ID, stated(tee, CLAIM_CHIP_ID)};
    ids[3] = (struct revocation_id){REVOCATION_EK, stated(guest, CLAIM_EK_NAME)};
    ids[4] = (struct revocation_id){REVOCATION_AK_NAME, stated(guest, CLAIM_AK_NAME)};
    ids[5] = (struct revocation_id){REVOCATION_EK, stated(platform, CLAIM_EK_NAME)};
    ids[6] = (struct revocation_id){REVOCATION_AK_NAME, stated(platform, CLAIM_AK_NAME)};
}

static bool denied(const struct policy *policy, const struct revocation_id *ids,
                   struct situs_err *err)
{
    for (size_t i = 0; i < MACHINE_IDS; i++)
        if (policy_denies(policy, ids[i].id)) {
            err_fail(err, SITUS_REVOKED, "policy", "poe.revoked.deny", SITUS_NO_OFFSET,
                     "an id that is not denied", TEXT_HEX(ids[i].id));
            return true;
        }
    return false;
}

/* A machine that the policy denies by any of its ids, or that a revocation list of the list's own
 * signer names, or could name, is on no list. */
static void withdraw(struct lists_revocations *revocations, const struct result *r,
                     const struct situs_request *q, struct x509_crls *crls, struct arena *a,
                     struct listing *l)
{
    struct situs_err err = {0};
    struct revocation_id ids[MACHINE_IDS];
    machine_ids(r, ids);
    const struct anchor *by = l->signer ? l->signer : l->claims.authority;
    const struct revocation_question question = {.lists = revocations->v,
                                                 .sent = revocations->sent,
                                                 .n_lists = revocations->n,
                                                 .signers = revocations->signer,
                                                 .ids = ids,
                                                 .n_ids = MACHINE_IDS,
                                                 .issuer = by,
                                                 .chain = &l->claims.issuers,
                                                 .use = ANCHOR_LIST,
                                                 .crls = crls,
                                                 .trust = door_trust(q->trust),
                                                 .policy = &q->policy->policy,
                                                 .at = q->at,
                                                 .arena = a};
    if (!by)
        return;
    bool named = denied(&q->policy->policy, ids, &err) || revocation_named(&question, &err);
    l->names = l->names && !revocation_ends(&question);
    if (!l->claims.authority || (!named && !revocations->unread))
        return;
    l->findings.v[CHECK_LIST_MATCH] = (struct finding){.outcome = OUTCOME_NOT_RUN};
    if (named)
        finding_fail_err(&l->findings, CHECK_LIST_MATCH, &err);
    else
        listing_skip(l, CHECK_LIST_MATCH, UNREAD);
    l->claims.authority = NULL;
}

static void unread(struct listing *l, const struct listing_question *q, const char *part,
                   const struct situs_err *err)
{
    listing_begin(l, q, part);
    finding_fail_err(&l->findings, CHECK_LIST_SIGNATURE, err);
}

static void judge_signed(struct gathered *g, const struct endorsement *e,
                         const struct listing_question *q, struct listing *l)
{
    struct situs_err err = {0};
    if (e->list) {
        id_list_answer(e->list, q, &g->crls, l);
        return;
    }
    struct id_list *list = ARENA_NEW(q->arena, struct id_list);
    if (!list)
        err_fail(&err, SITUS_NO_MEMORY, e->part, "", SITUS_NO_OFFSET, NULL, NULL);
    if (!list || !id_list_read(list, e->bytes, &err))
        unread(l, q, e->part, &err);
    else
        id_list_answer(list, q, &g->crls, l);
}

static void judge_host(const struct endorsement *e, const struct listing_question *q,
                       struct listing *l)
{
    struct situs_err err = {0};
    uint8_t ppid[16];
    if (google_host_ppid(e->part, ppid)) {
        google_host_answer(e->bytes, ppid, q, l);
        return;
    }
    err_fail(&err, SITUS_MISSING, e->part, "name", SITUS_NO_OFFSET,
             "a file named by the host's PPID, 32 hex digits", "another name");
    unread(l, q, e->part, &err);
}

static bool judge(struct gathered *g, const struct endorsement *e, const struct listing_question *q,
                  struct listing *l)
{
    switch (e->kind) {
    case ENDORSEMENT_LIST:
        judge_signed(g, e, q, l);
        return true;
    case ENDORSEMENT_ALLIANCE_CSV:
        alliance_csv_answer(e->bytes, q, l);
        return true;
    case ENDORSEMENT_ALLIANCE_TOKEN:
        alliance_token_answer(e->bytes, q, l);
        return true;
    case ENDORSEMENT_GOOGLE_HOST:
        judge_host(e, q, l);
        return true;
    case ENDORSEMENT_POE:
    case ENDORSEMENT_CRL:
    case ENDORSEMENT_REVOCATION:
        break;
    }
    return false;
}

/* Where memory runs out a good signature looks bad, so that counts when it is said twice. */
static bool judge_surely(struct gathered *g, const struct endorsement *e,
                         const struct listing_question *q, struct listing *l)
{
    const struct arena before = *q->arena;
    if (!judge(g, e, q, l))
        return false;
    if (l->findings.v[CHECK_LIST_SIGNATURE].outcome != OUTCOME_FAIL)
        return true;
    *q->arena = before;
    return judge(g, e, q, l);
}

/* A list that could not be judged for want of memory may have been the one that contradicts. */
static bool unjudged(const struct listing *l)
{
    const struct finding *f = &l->findings.v[CHECK_LIST_SIGNATURE];
    return f->outcome == OUTCOME_FAIL &&
           (f->why->code == SITUS_NO_MEMORY || f->why->code == SITUS_INTERNAL);
}

/* The quote with its padding, which lies behind it. */
static struct span quote_sent(const struct quote *quote)
{
    return span_of(quote->whole.p, quote->whole.n + quote->padding);
}

void lists_decide(struct result *r, struct gathered *g, const struct situs_request *q,
                  struct arena *a)
{
    struct listing *answers[LIMIT_ENDORSEMENTS];
    struct lists_revocations revocations;
    size_t n = 0;
    lists_revocations(&revocations, g, a);
    bool lost = revocations.lost;
    const struct listing_question question = {.tee = &r->claims[INSTANCE_TEE],
                                              .guest = &r->claims[INSTANCE_GUEST],
                                              .quote = g->quote.whole,
                                              .sent = quote_sent(&g->quote),
                                              .trust = door_trust(q->trust),
                                              .policy = &q->policy->policy,
                                              .at = q->at,
                                              .seen = door_seen(q),
                                              .arena = a};
    for (size_t i = 0; i < g->n_endorsements; i++) {
        struct listing *l = NULL;
        if (g->endorsements[i].kind == ENDORSEMENT_POE ||
            g->endorsements[i].kind == ENDORSEMENT_CRL ||
            g->endorsements[i].kind == ENDORSEMENT_REVOCATION)
            continue;
        l = ARENA_NEW(a, struct listing);
        if (!l)
            lost = true;
        else if (judge_surely(g, &g->endorsements[i], &question, l)) {
            simulated_check(&l->findings, CHECK_LIST_SIGNATURE, &q->policy->policy, &l->claims,
                            g->endorsements[i].part);
            withdraw(&revocations, r, q, &g->crls, a, l);
            lost |= unjudged(l);
            answers[n++] = l;
        }
    }
    listing_supersede(answers, n);
    const struct listing *used = listing_settle((const struct listing *const *)answers, n,
                                                &r->claims[INSTANCE_LIST], &r->findings);
    if (lost) {
        finding_fail(&r->findings, CHECK_LIST_SIGNATURE, SITUS_NO_MEMORY, "list", "", NULL, NULL,
                     NULL);
        r->claims[INSTANCE_LIST].authority = NULL;
    }
    for (size_t i = 0; used && i < used->n_notes; i++)
        result_note(r, used->notes[i]);
}

/* The question of an endorsement; ids is room for what it is asked of. */
static struct revocation_question question_of(struct lists_revocations *lists,
                                              const struct poe *poe, const struct claims *by,
                                              const struct result *r, const struct situs_request *q,
                                              struct x509_crls *crls, struct arena *a,
                                              struct revocation_id ids[MACHINE_IDS + 2])
{
    machine_ids(r, ids);
    ids[MACHINE_IDS] = (struct revocation_id){REVOCATION_PIID, poe->piid};
    ids[MACHINE_IDS + 1] = (struct revocation_id){REVOCATION_POE_ID, poe->id.v};
    return (struct revocation_question){.lists = lists->v,
                                        .sent = lists->sent,
                                        .n_lists = lists->n,
                                        .signers = lists->signer,
                                        .ids = ids,
                                        .n_ids = MACHINE_IDS + 2,
                                        .issuer = by->authority,
                                        .chain = &by->issuers,
                                        .use = ANCHOR_POE,
                                        .crls = crls,
                                        .trust = door_trust(q->trust),
                                        .policy = &q->policy->policy,
                                        .at = q->at,
                                        .seen = door_seen(q),
                                        .arena = a};
}

bool lists_end(struct lists_revocations *lists, const struct poe *poe, const struct claims *by,
               const struct result *r, const struct situs_request *q, struct x509_crls *crls,
               struct arena *a)
{
    struct revocation_id ids[MACHINE_IDS + 2];
    const struct revocation_question question = question_of(lists, poe, by, r, q, crls, a, ids);
    return revocation_ends(&question);
}

const char *lists_check_revoked(struct lists_revocations *lists, const struct poe *poe,
                                const struct claims *by, const struct result *r,
                                const struct situs_request *q, struct x509_crls *crls,
                                struct arena *a, struct span *seen, struct findings *f)
{
    struct revocation_id ids[MACHINE_IDS + 2];
    const struct revocation_question question = question_of(lists, poe, by, r, q, crls, a, ids);
    const char *note = revocation_check(&question, seen, f);
    if (!lists->unread || f->v[CHECK_POE_REVOKED].outcome != OUTCOME_PASS)
        return note;
    f->v[CHECK_POE_REVOKED] = (struct finding){.outcome = OUTCOME_NOT_RUN, .reason = UNREAD};
    *seen = span_of(NULL, 0);
    return NULL;
}
