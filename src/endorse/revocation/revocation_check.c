/* Decides poe.revoked; see revocation.h. */
#include "base/text.h"
#include "endorse/revocation/revocation.h"

#include <stdio.h>

#define HOUR 3600

/* The failure is this machine's, not the list's. */
static bool is_ours(enum situs_code code)
{
    return code == SITUS_NO_MEMORY || code == SITUS_INTERNAL;
}

/* Only a chain that leads elsewhere, or to a signer whose word does not count now, says that a list
 * is not the issuer's. One that is damaged, or under whose signature memory ran out: whose is it?
 */
static bool is_doubtful(enum situs_code code)
{
    return code != SITUS_UNTRUSTED && code != SITUS_EXPIRED && code != SITUS_NOT_YET_VALID &&
           code != SITUS_REVOKED && code != SITUS_MISSING;
}

static int64_t crl_days(const struct revocation_question *q)
{
    bool poe = q->use == ANCHOR_POE;
    return q->policy->v[poe ? PARAM_POE_MAX_CRL_AGE : PARAM_LIST_MAX_CRL_AGE].num;
}

/* Whether the issuer itself signed the list: anchors may be remembered from another reading of the
 * trust file. err is set where nobody can tell: such a list must not be passed over. Where memory
 * runs out OpenSSL also says that a good chain leads nowhere, so that counts when it is said twice.
 */
static bool is_issuers(const struct revocation *r, const struct revocation_question *q,
                       bool require_crl, struct situs_err *err)
{
    struct signed_doc_signer signer;
    const struct signed_doc_rules rules = {.trust = q->trust,
                                           .use = q->use,
                                           .crls = q->crls,
                                           .require_crl = require_crl,
                                           .bundle_crl_days = crl_days(q),
                                           .at = q->at};
    for (int again = 0; again < 2; again++) {
        struct situs_err why = {0};
        struct arena scratch = *q->arena; /* nothing that it gives outlives this call */
        if (signed_doc_verify(&r->doc, &rules, &signer, &scratch, &why))
            return memcmp(signer.anchor->sha256, q->issuer->sha256, sizeof q->issuer->sha256) == 0;
        if (is_doubtful(why.code)) {
            *err = err->code == SITUS_NONE ? why : *err;
            return false;
        }
    }
    return false;
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

bool revocation_named(const struct revocation_question *q, struct situs_err *err)
{
    struct situs_err doubt = {0};
    for (size_t i = 0; i < q->n_lists && err->code == SITUS_NONE; i++)
        if (is_issuers(q->lists[i], q, false, &doubt))
            names(q->lists[i], q, err);
    if (err->code == SITUS_NONE)
        *err = doubt;
    return err->code != SITUS_NONE;
}

static bool requires_crl(const struct revocation_question *q)
{
    bool poe = q->use == ANCHOR_POE;
    return q->policy->v[poe ? PARAM_POE_REQUIRE_CRL : PARAM_LIST_REQUIRE_CRL].flag;
}

/* The issuer's list with the highest number, whether any of them names an id, and a doubt about one
 * that may be the issuer's. A list whose signer has no CRL, where the policy demands one, can take
 * back but clears nobody. */
static const struct revocation *newest(const struct revocation_question *q, struct situs_err *err,
                                       struct situs_err *doubt)
{
    const struct revocation *found = NULL;
    for (size_t i = 0; i < q->n_lists; i++) {
        const struct revocation *r = q->lists[i];
        if (!is_issuers(r, q, false, doubt))
            continue;
        names(r, q, err);
        if (requires_crl(q) && !is_issuers(r, q, true, doubt))
            continue;
        if (!found || r->number > found->number)
            found = r;
    }
    return found;
}

static bool unchecked(const struct revocation_question *q)
{
    return policy_word(q->policy, PARAM_POE_REVOKED_SOURCE, SPAN_LIT("none")) ||
           policy_word(q->policy, PARAM_REVOCATION_UNCHECKED, span_text(q->issuer->name));
}

/* Why a list says nothing about now; NULL when it does. */
static const char *stale(const struct revocation *r, const struct revocation_question *q)
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

static bool rolled_back(const struct revocation *r, const struct revocation_question *q,
                        struct findings *f)
{
    const struct param_value *least = &q->policy->v[PARAM_REVOCATION_MIN_NUMBER];
    uint64_t floor =
        least->given && (uint64_t)least->num > q->seen ? (uint64_t)least->num : q->seen;
    if (r->number >= floor)
        return false;
    finding_fail(f, CHECK_POE_REVOKED, SITUS_OUT_OF_DATE, r->doc.part, "number", TEXT_NUM(floor),
                 TEXT_NUM(r->number), "get the issuer's newest revocation list");
    return true;
}

static bool denied(const struct revocation_question *q, struct findings *f)
{
    for (size_t i = 0; i < q->n_ids; i++)
        if (policy_denies(q->policy, q->ids[i].id)) {
            finding_fail(f, CHECK_POE_REVOKED, SITUS_REVOKED, "policy", "poe.revoked.deny",
                         "an id that is not denied", TEXT_HEX(q->ids[i].id), NULL);
            return true;
        }
    return false;
}

const char *revocation_check(const struct revocation_question *q, struct findings *f)
{
    struct situs_err named = {0}, doubt = {0};
    if (denied(q, f))
        return NULL;
    const struct revocation *r = newest(q, &named, &doubt);
    if (named.code == SITUS_NONE && is_ours(doubt.code))
        named = doubt;
    if (named.code != SITUS_NONE) {
        finding_fail_err(f, CHECK_POE_REVOKED, &named);
        return NULL;
    }
    if (doubt.code != SITUS_NONE) {
        finding_skip(f, CHECK_POE_REVOKED,
                     "the signature of a revocation list that was given does not hold: nobody "
                     "knows whom it names");
        return NULL;
    }
    if (r && rolled_back(r, q, f))
        return NULL;
    const char *reason = r ? stale(r, q) : "no revocation list of the issuer was given";
    if (!reason) {
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
