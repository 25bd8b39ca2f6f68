/* AK and EK ids in revocation lists; see taken_back.h. */
#include "situs/taken_back.h"

static const enum anchor_use uses[] = {ANCHOR_POE, ANCHOR_LIST};

/* One party stands behind the TPM's certificate and behind the list. */
static bool one_party(const struct policy *policy, const struct anchor *ak,
                      const struct anchor *list)
{
    return memcmp(ak->sha256, list->sha256, sizeof ak->sha256) == 0 ||
           policy_pair(policy, PARAM_MACHINE_PARTIES, span_text(ak->name), span_text(list->name));
}

/* A question to the lists, by signers of that use, about no id yet. */
static struct revocation_question question_of(const struct revocations *lists, enum anchor_use use,
                                              const struct situs_request *q, struct arena *a)
{
    return (struct revocation_question){.lists = lists->v,
                                        .n_lists = lists->n,
                                        .signers = use == ANCHOR_POE ? lists->poe : lists->list,
                                        .use = use,
                                        .trust = door_trust(q->trust),
                                        .policy = &q->policy->policy,
                                        .at = q->at,
                                        .arena = a};
}

/* Whether a list of the TPM's party, by signers of that use, names it, or could: err says which,
 * and why. */
static bool named(const struct claims *tpm, struct revocations *lists, enum anchor_use use,
                  const struct situs_request *q, struct arena *a, struct situs_err *err)
{
    const struct claim *ak = claims_get(tpm, CLAIM_AK_NAME), *ek = claims_get(tpm, CLAIM_EK_NAME);
    const struct revocation_id ids[] = {
        {REVOCATION_AK_NAME, ak ? ak->bytes : span_of(NULL, 0)},
        {REVOCATION_EK, ek ? ek->bytes : span_of(NULL, 0)},
    };
    struct revocation_question question = question_of(lists, use, q, a);
    struct situs_err own = {0};
    if (!tpm->authority)
        return false;
    question.chain = &tpm->issuers;
    question.ids = ids;
    question.n_ids = sizeof ids / sizeof *ids;
    question.issuer = tpm->authority; /* and those of a CA of its chain, under whatever anchor */
    revocation_named(&question, &own);
    if (own.code == SITUS_REVOKED) {
        *err = own;
        return true;
    }
    for (size_t i = 0; i < question.trust->n; i++) {
        question.issuer = &question.trust->anchors[i];
        if (question.issuer->uses & use &&
            one_party(question.policy, tpm->authority, question.issuer) &&
            revocation_named(&question, err))
            return true;
    }
    *err = own; /* one of that CA's is damaged, or memory was out: nobody knows whom it names */
    return own.code != SITUS_NONE;
}

/* The signer's chain leads to no anchor of that use, so whatever the list names, it has no say. */
static bool is_heard(const struct revocation_signer *s)
{
    return !s->asked || s->anchor || s->why.code != SITUS_UNTRUSTED;
}

/* ask_signers asks for both uses who signed the lists, where anybody asked for one of what the
 * caller gave. */
static void ask_signers(const struct revocations *lists, const struct situs_request *q,
                        struct arena *a)
{
    struct situs_err ignored = {0};
    bool asked = false;
    for (size_t i = 0; i < lists->n; i++)
        asked |= !lists->sent[i] && (lists->poe[i].alone.asked || lists->list[i].alone.asked);
    for (size_t i = 0; asked && i < sizeof uses / sizeof *uses; i++) {
        struct revocation_question nothing = question_of(lists, uses[i], q, a);
        nothing.issuer = nothing.trust->anchors; /* any: what is asked of it has no id */
        if (nothing.trust->n)
            revocation_named(&nothing, &ignored);
        ignored = (struct situs_err){0};
    }
}

/* Who gives a list expects it to count: a trust file that lacks its signer's anchor is a mistake. */
static void note_unheard(struct result *r, const struct revocations *lists)
{
    for (size_t i = 0; i < lists->n; i++)
        if (!lists->sent[i] && !is_heard(&lists->poe[i].alone) &&
            !is_heard(&lists->list[i].alone)) {
            result_note(r, "a revocation list that was given counts for nothing: its signer's "
                           "chain leads to no trust anchor for poe or list");
            return;
        }
}

void taken_back_check(struct result *r, struct revocations *lists, const struct situs_request *q,
                      struct arena *a)
{
    struct claims *const tpms[] = {&r->claims[INSTANCE_GUEST], &r->claims[INSTANCE_PLATFORM]};
    struct situs_err err = {0};
    struct arena scratch = *a; /* nothing that it gives outlives this call */
    if (lists->lost)
        err_fail(&err, SITUS_NO_MEMORY, REVOCATION_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    bool back = lists->lost;
    for (size_t i = 0; lists->n && !back && i < sizeof uses / sizeof *uses; i++)
        back = named(tpms[0], lists, uses[i], q, &scratch, &err) ||
               named(tpms[1], lists, uses[i], q, &scratch, &err);
    if (!back) {
        ask_signers(lists, q, &scratch);
        note_unheard(r, lists);
    }
    if (!back || (!tpms[0]->authority && !tpms[1]->authority))
        return;
    if (err.code == SITUS_REVOKED)
        err_hint(&err, "its party took this TPM back: ask there, and have the key certified anew");
    finding_fail_err(&r->findings, CHECK_AK_CERTIFICATE, &err);
    tpms[0]->authority = tpms[1]->authority = NULL;
}
