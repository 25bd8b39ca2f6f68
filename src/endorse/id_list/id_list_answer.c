/* Decides list.* for a signed id list; see id_list.h. */
#include "base/text.h"
#include "crypto/x509.h"
#include "endorse/id_list/id_list.h"

#define HOUR 3600

static void state_claims(const struct id_list *l, struct claims *c)
{
    claim_bytes(c, CLAIM_OWNER, l->owner);
    claim_bytes(c, CLAIM_FACILITY, l->facility);
    claim_num(c, CLAIM_LIST_NUMBER, (int64_t)l->number);
    claim_num(c, CLAIM_NOT_BEFORE, l->valid.from);
    claim_num(c, CLAIM_NOT_AFTER, l->valid.to);
    claim_bytes(c, CLAIM_LIST_KIND, span_text(listing_kind_name(l->kind)));
}

static void state_signer(const struct signed_doc_signer *s, struct arena *a, struct claims *c)
{
    c->issuers = s->issuers;
    claim_bytes(c, CLAIM_ISSUER, span_text(s->anchor->name));
    claim_bytes(c, CLAIM_SIGNER, arena_copy(a, span_text(s->subject)));
}

/* Who signed; NULL when the row failed. */
static const struct anchor *decide_signature(const struct id_list *l, const struct question *q,
                                             struct answer *out)
{
    struct situs_err err = {0};
    struct signed_doc_signer signer;
    const struct signed_doc_rules rules = {.trust = q->trust,
                                           .use = ANCHOR_LIST,
                                           .crls = q->crls,
                                           .require_crl = q->policy->v[PARAM_LIST_REQUIRE_CRL].flag,
                                           .bundle_crl_days =
                                               q->policy->v[PARAM_LIST_MAX_CRL_AGE].num,
                                           .at = q->at};
    if (!listing_accepts(out, q, "signed"))
        return NULL;
    if (!signed_doc_verify(&l->doc, &rules, &signer, q->arena, &err) &&
        !finding_fail_err(&out->findings, CHECK_LIST_SIGNATURE, &err))
        return NULL;
    if (!signer.crls_checked)
        answer_note(out, "no CRL was checked for the signer of the machine list");
    state_signer(&signer, q->arena, &out->claims);
    finding_pass(&out->findings, CHECK_LIST_SIGNATURE);
    finding_until(&out->findings, CHECK_LIST_SIGNATURE, signer.until,
                  "the chain of the machine list's signer, or a CRL");
    return signer.anchor;
}

static void decide_window(const struct id_list *l, const struct question *q, struct answer *out)
{
    const struct param_value *age = &q->policy->v[PARAM_LIST_MAX_AGE];
    if (q->at < l->valid.from)
        answer_fail(out, CHECK_LIST_WINDOW, SITUS_NOT_YET_VALID, "this_update",
                    TEXT_TIME(l->valid.from), TEXT_TIME(q->at), NULL);
    else if (q->at > l->valid.to)
        answer_fail(out, CHECK_LIST_WINDOW, SITUS_EXPIRED, "next_update", TEXT_TIME(l->valid.to),
                    TEXT_TIME(q->at), "get the signer's newest list");
    else if (age->given && signed_doc_older(q->at, l->valid.from, age->num, HOUR))
        answer_fail(out, CHECK_LIST_WINDOW, SITUS_EXPIRED, "this_update",
                    "a list of the age that the policy allows", TEXT_TIME(l->valid.from),
                    "get the signer's newest list");
    else
        finding_pass(&out->findings, CHECK_LIST_WINDOW);
    finding_until(&out->findings, CHECK_LIST_WINDOW, l->valid.to, "the machine list");
    if (age->given && age->num <= INT32_MAX)
        finding_until(&out->findings, CHECK_LIST_WINDOW, l->valid.from + age->num * HOUR,
                      "the age that the policy allows the machine list");
}

/* What to give as --list-seen next time. */
static void state_seen(const struct seen_list *of, uint64_t number, struct arena *a,
                       struct claims *c)
{
    char text[4096];
    struct wr w = wr_new(text, sizeof text);
    seen_write(&w, of, number);
    if (wr_ok(&w))
        claim_bytes(c, CLAIM_SEEN, arena_copy(a, wr_span(&w)));
}

/* Numbers only grow: an older list than one seen may name what was taken off since. */
static void decide_rollback(const struct id_list *l, const struct question *q,
                            const struct anchor *signer, struct answer *out)
{
    const struct param_value *least = &q->policy->v[PARAM_LIST_MIN_NUMBER];
    const struct seen_list of = {.kind = listing_kind_name(l->kind),
                                 .anchor = signer->name,
                                 .subject = out->claims.v[CLAIM_SIGNER].bytes,
                                 .facility = l->facility};
    const struct situs_seen *seen = seen_find(q->seen, &of);
    uint64_t floor = seen ? seen->number : 0;
    if (least->given && (uint64_t)least->num > floor)
        floor = (uint64_t)least->num;
    if (floor == 0)
        answer_note(out, "no earlier number of the machine list was known: an older list that is "
                         "still in its time would pass");
    state_seen(&of, l->number, q->arena, &out->claims);
    if (l->number < floor)
        answer_fail(out, CHECK_LIST_ROLLBACK, SITUS_OUT_OF_DATE, "number", TEXT_NUM(floor),
                    TEXT_NUM(l->number), seen_hint(seen, &of, floor));
    else
        finding_pass(&out->findings, CHECK_LIST_ROLLBACK);
}

static bool decide_owner(const struct id_list *l, const struct question *q,
                         const struct anchor *signer, struct answer *out)
{
    return policy_pair(q->policy, PARAM_LIST_ALLOW, span_text(signer->name), l->owner) ||
           answer_fail(out, CHECK_LIST_MATCH, SITUS_NOT_ALLOWED, "owner",
                       "an owner whom this signer may name", TEXT_CUT(l->owner),
                       "name the pair in list.match.allow of the policy");
}

static void decide_match(const struct id_list *l, const struct question *q,
                         const struct anchor *signer, struct answer *out)
{
    struct span id = listing_id(q, l->kind);
    if (id.n == 0) {
        answer_fail(out, CHECK_LIST_MATCH, SITUS_MISSING, listing_kind_name(l->kind),
                    "an id of this kind from a verified quote", "none", NULL);
        return;
    }
    struct span entry = id_list_find(l, id);
    if (entry.n == 0) {
        answer_fail(out, CHECK_LIST_MATCH, SITUS_MISMATCH, "entries", TEXT_HEX(id),
                    "a list without it", "the signer does not vouch for this machine");
        return;
    }
    claim_bytes(&out->claims, CLAIM_LIST_ENTRY, entry);
    if (decide_owner(l, q, signer, out) && listing_decide_facility(out, q, l->facility) &&
        listing_decide_denied(out, q, id))
        finding_pass(&out->findings, CHECK_LIST_MATCH);
}

/* Who signed, by the signature alone: only what the caller's own CRLs take back says nothing any
 * more. Where one of them cannot be used the word stands. False: nobody whose word counts. */
static bool find_signer(const struct id_list *l, const struct question *q,
                        struct signed_doc_signer *signer)
{
    struct signed_doc_rules alone = {.trust = q->trust,
                                     .use = ANCHOR_LIST,
                                     .crls = q->crls,
                                     .own_crls_alone = true,
                                     .at = q->at};
    struct situs_err err = {0}, again = {0};
    if (signed_doc_verify(&l->doc, &alone, signer, q->arena, &err))
        return true;
    alone.crls = NULL;
    return x509_is_of_crl(&err) && signed_doc_verify(&l->doc, &alone, signer, q->arena, &again);
}

/* What the list says by its own window and its signer's signature alone: one that the policy finds
 * too old, for whose signer no CRL is at hand, or which a CRL that the sender of the evidence chose
 * takes back, gives no proof; it contradicts and supersedes others all the same. */
static void decide_names(const struct id_list *l, const struct question *q, struct answer *out)
{
    const struct finding *f = out->findings.v;
    struct span id = listing_id(q, l->kind);
    struct signed_doc_signer signer;
    if (!out->signer && find_signer(l, q, &signer)) {
        out->signer = signer.anchor;
        state_signer(&signer, q->arena, &out->claims);
        state_claims(l, &out->claims);
    }
    out->names = out->signer && f[CHECK_LIST_ROLLBACK].outcome != OUTCOME_FAIL &&
                 time_in_window(q->at, l->valid) && id.n && id_list_find(l, id).n;
    claim_bytes(&out->claims, CLAIM_OWNER, l->owner);
}

void id_list_answer(const struct id_list *l, const struct question *q, struct answer *out)
{
    answer_begin(out, &listing_family, q, l->doc.part);
    out->signer = decide_signature(l, q, out);
    if (out->signer) {
        state_claims(l, &out->claims);
        decide_window(l, q, out);
        decide_rollback(l, q, out->signer, out);
        decide_match(l, q, out->signer, out);
        listing_end(out, q, out->signer);
    }
    if (policy_word(q->policy, PARAM_LIST_SOURCES, SPAN_LIT("signed")))
        decide_names(l, q, out);
}

static bool is_list(const char *name, struct span in)
{
    (void)name;
    return endorsement_is_type(in, ID_LIST_TYPE);
}

static bool read_list(struct endorsement *e, const struct trust *once, struct arena *a,
                      struct situs_err *err)
{
    struct id_list *list = ARENA_NEW(a, struct id_list);
    e->doc = list;
    if (!list)
        return endorsement_no_memory(e, err);
    return id_list_read(list, e->bytes, err) &&
           (!once || signed_doc_know(&list->doc, once, list->valid.from, a) ||
            endorsement_no_memory(e, err));
}

static const struct span *chain_of(const struct endorsement *e, size_t *n)
{
    const struct id_list *list = e->doc;
    *n = list->doc.n_chain;
    return list->doc.chain;
}

static void answer_list(const struct endorsement *e, const struct question *q, struct answer *x)
{
    id_list_answer(e->doc, q, x);
}

const struct endorsement_does id_list_endorsement = {.is = is_list,
                                                     .read = read_list,
                                                     .chain = chain_of,
                                                     .family = &listing_family,
                                                     .answer = answer_list};
