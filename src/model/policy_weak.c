/* Weak words of a policy; see policy_weak.h. */
#include "model/policy_weak.h"

#include <assert.h>

struct weak {
    const struct policy *p;
    const char **sentence;
    size_t n;
};

static void say(struct weak *w, bool so, const char *sentence)
{
    if (!so)
        return;
    assert(w->n < POLICY_WEAK_MAX);
    w->sentence[w->n++] = sentence;
}

static bool requires(const struct weak *w, unsigned proofs)
{
    return w->p->require & proofs;
}

static bool given(const struct weak *w, enum param id)
{
    return w->p->v[id].given;
}

static bool flag(const struct weak *w, enum param id)
{
    return w->p->v[id].flag;
}

static bool word(const struct weak *w, enum param id, const char *text)
{
    return policy_word(w->p, id, span_text(text));
}

#define LIVE (PROOFS_LIVE | PROOFS_BOUND)

static void weak_whole(struct weak *w)
{
    say(w, w->p->simulated, "simulated: anchors of a lab count; for a lab's policy alone");
    say(w, w->p->require == PROOF_GENUINE,
        "require: genuine alone speaks of a quote, not of a live machine, an image or a place");
    say(w, requires(w, LIVE),
        "require: live speaks of the holder of the channel's key; name your peer's with --channel, "
        "or "
        "use \"situs connect\"");
    say(w, requires(w, LIVE) && !given(w, PARAM_ROUND_TRIP_MAX),
        "fresh.round-trip: without max_ms an answer may take any way round");
}

/* The rows of the two kinds of TEE have the same parameters. */
struct tcb_params {
    enum param accept, evaluation, age, grace, advisories;
    const char *undated, *late, *out_of_date, *unweighed;
};
#define TCB(kind, NAME)                                                                           \
    {                                                                                             \
        PARAM_##NAME##_TCB_ACCEPT, PARAM_##NAME##_TCB_MIN_EVALUATION, PARAM_##NAME##_TCB_MAX_AGE, \
            PARAM_##NAME##_TCB_GRACE, PARAM_##NAME##_TCB_ADVISORIES,                              \
            kind ".tcb: neither max_tcb_age_days nor min_evaluation_number: the sender of "       \
                 "collateral chooses among all that is in date",                                  \
            kind ".tcb: grace_days keeps known holes open so long",                               \
            kind ".tcb: accept lists a status that is out of date, for ever",                     \
            kind ".tcb: accept lists a status with open advisories, and accept_advisories does "  \
                 "not say which"                                                                  \
    }

static void weak_tcb(struct weak *w, const struct tcb_params *t)
{
    static const char *const open[] = {"SWHardeningNeeded", "ConfigurationNeeded",
                                       "ConfigurationAndSWHardeningNeeded", "TDRelaunchAdvised",
                                       "TDRelaunchAdvisedConfigurationNeeded"};
    bool weighs = false;
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        weighs |= word(w, t->accept, open[i]);
    say(w, !given(w, t->age) && !given(w, t->evaluation), t->undated);
    say(w, given(w, t->grace) && w->p->v[t->grace].num > 0, t->late);
    say(w, word(w, t->accept, "OutOfDate") || word(w, t->accept, "OutOfDateConfigurationNeeded"),
        t->out_of_date);
    say(w, weighs && !given(w, t->advisories), t->unweighed);
}

static void weak_snp(struct weak *w)
{
    if (!policy_takes_tee(w->p, KIND_SNP))
        return;
    say(w, !given(w, PARAM_SNP_MINIMUM),
        "snp.tcb: without minimum old firmware passes: AMD signs no list of what is up to date");
    say(w, !flag(w, PARAM_SNP_REQUIRE_CRL),
        "snp.vek-chain: without require_crl an ASK that AMD took back passes where no CRL is "
        "given");
}

static void weak_bound(struct weak *w)
{
    if (!requires(w, PROOFS_BOUND))
        return;
    say(w, word(w, PARAM_AK_PROVIDERS, "google") && !flag(w, PARAM_AK_CRL),
        "ak.certificate: Google publishes CRLs; without require_crl a revoked key passes where no "
        "CRL is given");
    say(w, word(w, PARAM_AK_PROVIDERS, "google") && !flag(w, PARAM_AK_PRODUCTION),
        "ak.certificate: require_production is off: test instances of Google's count");
    say(w, w->p->scenario == SCENARIO_BARE_METAL && word(w, PARAM_AK_SEALED_FORM, "authorize"),
        "ak.sealed: form authorize: a host counts as long as its approval is not called back");
}

static void weak_owned(struct weak *w)
{
    if (!requires(w, PROOF_OWNED))
        return;
    say(w, !flag(w, PARAM_POE_REQUIRE_CRL),
        "poe.signature: without require_crl a revoked issuer passes where no CRL is given");
    say(w, !given(w, PARAM_POE_MAX_AGE),
        "poe.window: without max_age_days an endorsement counts to the end that its issuer chose");
    say(w, word(w, PARAM_POE_REVOKED_SOURCE, "none"),
        "poe.revoked: source none: a machine that was sold or lost stays owned");
    say(w, given(w, PARAM_REVOCATION_UNCHECKED),
        "poe.revoked: unchecked_issuers: of theirs, a machine that was sold or lost stays owned");
    say(w, w->p->v[PARAM_REVOCATION_MAX_AGE].num > 24,
        "poe.revoked: max_age_hours above 24: a list may be older than a day, and a theft newer");
}

static void weak_listed(struct weak *w)
{
    if (!requires(w, PROOF_LISTED))
        return;
    bool is_signed = word(w, PARAM_LIST_SOURCES, "signed");
    say(w,
        word(w, PARAM_LIST_SOURCES, "alliance-csv") || word(w, PARAM_LIST_SOURCES, "google-host"),
        "list.signature: sources lists one that nobody signs, dates or numbers");
    say(w, is_signed && !flag(w, PARAM_LIST_REQUIRE_CRL),
        "list.signature: without require_crl a revoked signer passes where no CRL is given");
    say(w, is_signed && !given(w, PARAM_LIST_MAX_AGE),
        "list.window: without max_age_hours a list counts to the end that its signer chose");
    say(w, flag(w, PARAM_LIST_TOKEN_UNDATED),
        "list.window: accept_undated_tokens: a token without a time counts for ever");
    say(w, is_signed && !given(w, PARAM_LIST_FACILITIES),
        "list.match: without facilities a machine may be in any of the signer's");
}

static void weak_vouched(struct weak *w)
{
    say(w, requires(w, PROOF_VOUCHED) && !given(w, PARAM_VOUCH_POLICIES),
        "vouch.match: without policies whoever owns the other verifier's instance chose what it "
        "lets "
        "by");
}

size_t policy_weak(const struct policy *p, const char *sentences[POLICY_WEAK_MAX])
{
    static const struct tcb_params tdx = TCB("tdx", TDX), sgx = TCB("sgx", SGX);
    struct weak w = {p, sentences, 0};
    weak_whole(&w);
    if (policy_takes_tee(p, KIND_TDX))
        weak_tcb(&w, &tdx);
    if (policy_takes_tee(p, KIND_SGX) &&
        !requires(&w, PROOFS_BOUND)) /* an enclave is never bound */
        weak_tcb(&w, &sgx);
    weak_snp(&w);
    weak_bound(&w);
    weak_owned(&w);
    weak_listed(&w);
    weak_vouched(&w);
    return w.n;
}
