/* Decides poe.revoked; see revocation.h. */
#include "base/text.h"
#include "crypto/x509.h"
#include "endorse/revocation/revocation.h"

#include <stdio.h>

#define HOUR 3600

/* The failure is this machine's, not the list's. */
static bool is_ours(enum situs_code code)
{
    return code == SITUS_NO_MEMORY || code == SITUS_INTERNAL;
}

static int64_t crl_days(const struct revocation_question *q)
{
    bool poe = q->use == ANCHOR_POE;
    return q->policy->v[poe ? PARAM_POE_MAX_CRL_AGE : PARAM_LIST_MAX_CRL_AGE].num;
}

static bool requires_crl(const struct revocation_question *q)
{
    bool poe = q->use == ANCHOR_POE;
    return q->policy->v[poe ? PARAM_POE_REQUIRE_CRL : PARAM_LIST_REQUIRE_CRL].flag;
}

/* Where memory runs out OpenSSL also says that a good chain leads nowhere, so that counts when it
 * is said twice. */
static void find_signer(const struct revocation *r, const struct signed_doc_rules *rules,
                        const struct revocation_question *q, struct revocation_signer *s)
{
    for (int again = 0; again < 2 && !s->holds; again++) {
        struct signed_doc_signer signer;
        struct situs_err why = {0};
        struct arena scratch = *q->arena; /* nothing that it gives outlives this call */
        s->holds = signed_doc_verify(&r->doc, rules, &signer, &scratch, &why);
        s->anchor = signer.anchor;
        s->issuers = signer.issuers;
        s->until = signer.until;
        memcpy(s->subject, signer.subject, sizeof s->subject);
        if (!again || s->holds || why.code != SITUS_UNTRUSTED)
            s->why = why;
        if (why.code != SITUS_UNTRUSTED)
            break;
    }
    s->asked = true;
}

static bool same_chain(const struct signed_doc *a, const struct signed_doc *b)
{
    bool same = a->n_chain == b->n_chain;
    for (size_t i = 0; same && i < a->n_chain; i++)
        same = span_equal(a->chain[i], b->chain[i]);
    return same;
}

/* A chain that leads nowhere leads nowhere for another list, too. */
static bool leads_nowhere(const struct revocation_question *q, size_t i)
{
    for (size_t k = 0; q->signers && k < q->n_lists; k++) {
        const struct revocation_signer *s = &q->signers[k].alone;
        if (s->asked && !s->holds && !s->anchor && s->why.code == SITUS_UNTRUSTED &&
            same_chain(&q->lists[k]->doc, &q->lists[i]->doc))
            return true;
    }
    return false;
}

/* Who signed a list, whatever CRLs say: so much it takes to take back. */
static const struct revocation_signer *signer_of(const struct revocation_question *q, size_t i,
                                                 struct revocation_signer *room)
{
    struct revocation_signer *s = q->signers ? &q->signers[i].alone : room;
    const struct signed_doc_rules rules = {.trust = q->trust, .use = q->use, .at = q->at};
    if (!s->asked && leads_nowhere(q, i))
        *s = (struct revocation_signer){.asked = true, .why = {.code = SITUS_UNTRUSTED}};
    if (!s->asked)
        find_signer(q->lists[i], &rules, q, s);
    return s;
}

/* Who signed it with everything that the policy asks: so much it takes to clear. */
static const struct revocation_signer *good_signer_of(const struct revocation_question *q, size_t i,
                                                      struct revocation_signer *room)
{
    struct revocation_signer *s = q->signers ? &q->signers[i].checked : room;
    const struct signed_doc_rules rules = {.trust = q->trust,
                                           .use = q->use,
                                           .crls = q->crls,
                                           .require_crl = requires_crl(q),
                                           .bundle_crl_days = crl_days(q),
                                           .at = q->at};
    if (!s->asked)
        find_signer(q->lists[i], &rules, q, s);
    return s;
}

/* The signer's certificates are not of this time: what they signed may be old, not another's. */
static bool is_lapsed(const struct revocation_signer *s)
{
    return s->anchor && !x509_is_of_crl(&s->why) &&
           (s->why.code == SITUS_EXPIRED || s->why.code == SITUS_NOT_YET_VALID);
}

enum whose { SOMEBODY_ELSES, ISSUERS, NOBODY_KNOWS };

/* Whether the list's chain is the issuer's: anchors may be remembered from another reading of the
 * trust file. Under which of two roots one CA's word stands is its sender's choice. */
static bool is_of_issuer(const struct revocation_signer *s, const struct revocation_question *q)
{
    return memcmp(s->anchor->sha256, q->issuer->sha256, sizeof q->issuer->sha256) == 0 ||
           (q->chain && x509_issuers_share(&s->issuers, q->chain));
}

/* Whether the issuer itself signed the list. Only a chain that leads elsewhere says that a list is
 * somebody else's. One that is damaged, or under whose signature memory ran out: whose is it? */
static enum whose whose(const struct revocation_signer *s, const struct revocation_question *q)
{
    if (s->anchor && !is_of_issuer(s, q))
        return SOMEBODY_ELSES;
    if (s->holds || is_lapsed(s))
        return ISSUERS;
    return !s->anchor && s->why.code == SITUS_UNTRUSTED ? SOMEBODY_ELSES : NOBODY_KNOWS;
}

static bool names(const struct revocation *r, const struct revocation_question *q,
                  struct situs_err *err)
{
    enum revocation_reason reason;
    int64_t time;
    for (size_t i = 0; i < q->n_ids; i++) {
        if (q->ids[i].id.n == 0 || !revocation_find(r, &q->ids[i], &reason, &time))
            continue;
        char got[80];
        snprintf(got, sizeof got, "%s since %s", revocation_reason_name(reason), TEXT_TIME(time));
        err_fail(err, SITUS_REVOKED, r->doc.part, revocation_kind_name(q->ids[i].kind),
                 SITUS_NO_OFFSET, "an id that its issuer has not taken back", got);
        return true;
    }
    return false;
}

static void note_doubt(struct situs_err *doubt, const struct revocation_signer *s)
{
    *doubt = doubt->code == SITUS_NONE ? s->why : *doubt;
}

bool revocation_named(const struct revocation_question *q, struct situs_err *err)
{
    struct situs_err doubt = {0};
    for (size_t i = 0; i < q->n_lists && err->code == SITUS_NONE; i++) {
        struct revocation_signer room = {.asked = false};
        const struct revocation_signer *s = signer_of(q, i, &room);
        enum whose of = whose(s, q);
        if (of == ISSUERS)
            names(q->lists[i], q, err);
        else if (of == NOBODY_KNOWS)
            note_doubt(&doubt, s);
    }
    if (err->code == SITUS_NONE)
        *err = doubt;
    return err->code != SITUS_NONE;
}

/* A list of the issuer's clears when its signer is good in all that the policy asks. One whose
 * signer was revoked, has lapsed, or has no CRL where one is demanded, clears nobody; where a CRL
 * of its signer's issuers cannot be used nobody knows, and that is doubt. */
static bool clears(const struct revocation_question *q, size_t i, struct situs_err *doubt)
{
    struct revocation_signer room = {.asked = false};
    const struct revocation_signer *s = good_signer_of(q, i, &room);
    if (s->holds)
        return whose(s, q) == ISSUERS;
    bool without = s->why.code == SITUS_REVOKED || is_lapsed(s) ||
                   (requires_crl(q) && s->why.code == SITUS_MISSING);
    if (!without)
        note_doubt(doubt, s);
    return false;
}

/* What there is of the issuer's. */
struct found {
    bool clears[LIMIT_ENDORSEMENTS];  /* by the number of the list */
    const struct revocation *newest;  /* of those that clear, by its number */
    char subject[SIGNED_DOC_SUBJECT]; /* of its signer */
};

/* The issuer's lists, whether any of them names an id, and a doubt about one that may be the
 * issuer's. */
static void find(const struct revocation_question *q, struct found *found, struct situs_err *err,
                 struct situs_err *doubt)
{
    *found = (struct found){.newest = NULL};
    for (size_t i = 0; i < q->n_lists; i++) {
        const struct revocation *r = q->lists[i];
        struct revocation_signer room = {.asked = false};
        const struct revocation_signer *s = signer_of(q, i, &room);
        enum whose of = whose(s, q);
        if (of == NOBODY_KNOWS)
            note_doubt(doubt, s);
        if (of != ISSUERS)
            continue;
        names(r, q, err);
        if (i >= LIMIT_ENDORSEMENTS || !clears(q, i, doubt))
            continue;
        found->clears[i] = true;
        if (found->newest && r->number <= found->newest->number)
            continue;
        found->newest = r;
        memcpy(found->subject, s->subject, sizeof found->subject);
    }
}

/* The highest number of the lists that clear, of one signer where subject says so; 0: none. A list
 * that clears nobody lifts no floor either: who has a key that was revoked writes any number. */
static uint64_t highest(const struct found *found, const struct revocation_question *q,
                        const char *subject)
{
    uint64_t number = 0;
    for (size_t i = 0; i < LIMIT_ENDORSEMENTS; i++) {
        struct revocation_signer room = {.asked = false};
        if (!found->clears[i] || q->lists[i]->number <= number)
            continue;
        if (!subject || strcmp(subject, signer_of(q, i, &room)->subject) == 0)
            number = q->lists[i]->number;
    }
    return number;
}

static bool unchecked(const struct revocation_question *q)
{
    return policy_word(q->policy, PARAM_POE_REVOKED_SOURCE, SPAN_LIT("none")) ||
           policy_word(q->policy, PARAM_REVOCATION_UNCHECKED, span_text(q->issuer->name));
}

/* Why a list says nothing about now; NULL when it does. */
static const char *stale_list(const struct revocation *r, const struct revocation_question *q)
{
    const struct param_value *age = &q->policy->v[PARAM_REVOCATION_MAX_AGE];
    if (q->at < r->valid.from)
        return "the issuer's revocation list is not yet valid";
    if (q->at > r->valid.to)
        return "the issuer's revocation list has expired: get the newest one";
    if (age->given && signed_doc_older(q->at, r->valid.from, age->num, HOUR))
        return "the issuer's revocation list is older than the policy allows: get the newest one";
    return NULL;
}

/* No newer list of the same signer's clears. */
static bool is_newest(const struct found *found, const struct revocation_question *q, size_t i)
{
    struct revocation_signer one = {.asked = false};
    const char *subject = signer_of(q, i, &one)->subject;
    for (size_t j = 0; j < LIMIT_ENDORSEMENTS; j++) {
        struct revocation_signer other = {.asked = false};
        if (found->clears[j] && q->lists[j]->number > q->lists[i]->number &&
            strcmp(signer_of(q, j, &other)->subject, subject) == 0)
            return false;
    }
    return true;
}

/* The same of the newest list of each of the issuer's signers: a fresh one of another signer does
 * not stand for it. */
static const char *stale(const struct found *found, const struct revocation_question *q)
{
    if (!found->newest)
        return "no revocation list of the issuer was given";
    for (size_t i = 0; i < LIMIT_ENDORSEMENTS; i++) {
        const char *why = found->clears[i] ? stale_list(q->lists[i], q) : NULL;
        if (why && is_newest(found, q, i))
            return why;
    }
    return NULL;
}

static bool out_of_date(const struct found *found, uint64_t floor, uint64_t got, const char *hint,
                        struct findings *f)
{
    finding_fail(f, CHECK_POE_REVOKED, SITUS_OUT_OF_DATE,
                 FINDING_AT(found->newest->doc.part, "number"), TEXT_NUM(floor),
                 got ? TEXT_NUM(got) : "no list of that signer", hint);
    return true;
}

/* A list as new as each that was seen of the issuer's signers must be there: who holds one back
 * hides whom it names. */
static bool rolled_back(const struct found *found, const struct revocation_question *q,
                        struct findings *f)
{
    const struct param_value *least = &q->policy->v[PARAM_REVOCATION_MIN_NUMBER];
    const struct seen_list of = {.kind = SEEN_REVOCATION, .anchor = q->issuer->name};
    for (size_t i = 0; i < q->seen.n; i++) {
        const struct situs_seen *e = &q->seen.v[i];
        bool under = strcmp(e->anchor, q->issuer->name) == 0;
        if (strcmp(e->kind, SEEN_REVOCATION) != 0 || (!under && !e->subject))
            continue;
        uint64_t got = highest(found, q, e->subject);
        if ((under || got) && got < e->number)
            return out_of_date(found, e->number, got, seen_hint(e, &of, e->number), f);
    }
    if (least->given && found->newest->number < (uint64_t)least->num)
        return out_of_date(found, (uint64_t)least->num, found->newest->number,
                           "get the issuer's newest revocation list", f);
    return false;
}

static struct span state_seen(const struct found *found, const struct revocation_question *q)
{
    char text[1024];
    struct wr w = wr_new(text, sizeof text);
    const struct seen_list of = {
        .kind = SEEN_REVOCATION, .anchor = q->issuer->name, .subject = span_text(found->subject)};
    seen_write(&w, &of, found->newest->number);
    return wr_ok(&w) ? arena_copy(q->arena, wr_span(&w)) : span_of(NULL, 0);
}

/* From when on they say nothing about now. */
static void tell_until(const struct found *found, const struct revocation_question *q,
                       struct findings *f)
{
    const struct param_value *age = &q->policy->v[PARAM_REVOCATION_MAX_AGE];
    for (size_t i = 0; i < LIMIT_ENDORSEMENTS; i++) {
        if (!found->clears[i] || !is_newest(found, q, i))
            continue;
        struct revocation_signer room = {.asked = false};
        const struct window *valid = &q->lists[i]->valid;
        finding_until(f, CHECK_POE_REVOKED, valid->to, "the issuer's revocation list");
        finding_until(f, CHECK_POE_REVOKED, good_signer_of(q, i, &room)->until,
                      "the chain of the revocation list's signer, or a CRL");
        if (age->given && age->num <= INT32_MAX)
            finding_until(f, CHECK_POE_REVOKED, valid->from + age->num * HOUR,
                          "the age that a revocation list may have");
    }
}

bool revocation_denied(const struct revocation_question *q, struct situs_err *err)
{
    for (size_t i = 0; i < q->n_ids; i++)
        if (policy_denies(q->policy, q->ids[i].id)) {
            err_fail(err, SITUS_REVOKED, "policy", "poe.revoked.deny", SITUS_NO_OFFSET,
                     "an id that is not denied", TEXT_HEX(q->ids[i].id));
            return true;
        }
    return false;
}

bool revocation_ends(const struct revocation_question *q)
{
    struct situs_err named = {0}, doubt = {0};
    struct situs_err ignored = {0};
    struct found found;
    bool ends = revocation_denied(q, &ignored);
    find(q, &found, &named, &doubt);
    for (size_t i = 0; !ends && i < q->n_lists && i < LIMIT_ENDORSEMENTS; i++) {
        struct revocation_signer room = {.asked = false};
        struct situs_err err = {0};
        bool counts = q->sent && q->sent[i] ? found.clears[i] && is_newest(&found, q, i) &&
                                                  !stale_list(q->lists[i], q)
                                            : whose(signer_of(q, i, &room), q) == ISSUERS;
        ends = counts && names(q->lists[i], q, &err);
    }
    return ends;
}

const char *revocation_check(const struct revocation_question *q, struct span *seen,
                             struct findings *f)
{
    struct situs_err named = {0}, doubt = {0};
    struct found found;
    *seen = span_of(NULL, 0);
    if (revocation_denied(q, &named)) {
        finding_fail_err(f, CHECK_POE_REVOKED, &named);
        return NULL;
    }
    find(q, &found, &named, &doubt);
    if (named.code == SITUS_NONE && is_ours(doubt.code))
        named = doubt;
    if (named.code != SITUS_NONE) {
        finding_fail_err(f, CHECK_POE_REVOKED, &named);
        return NULL;
    }
    if (doubt.code != SITUS_NONE) {
        finding_skip(f, CHECK_POE_REVOKED,
                     "the signature of a revocation list that was given does not hold, or a CRL of "
                     "its signer's issuers cannot be used: nobody knows whom it names");
        return NULL;
    }
    if (found.newest && rolled_back(&found, q, f))
        return NULL;
    const char *reason = stale(&found, q);
    if (!reason) {
        *seen = state_seen(&found, q);
        tell_until(&found, q, f);
        finding_pass(f, CHECK_POE_REVOKED);
        return NULL;
    }
    if (!unchecked(q)) {
        finding_skip(f, CHECK_POE_REVOKED, reason);
        return NULL;
    }
    finding_pass(f, CHECK_POE_REVOKED);
    return "revocation of the ownership endorsement cannot be checked: the policy says that its "
           "issuer publishes no list";
}
