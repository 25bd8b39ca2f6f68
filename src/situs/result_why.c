/* Every row and every reason of a result (situs.h), and the proofs that they decide. */
#include "appraise/verdict.h"
#include "situs/door.h"
#include "situs/rows.h"

static const struct proof_row {
    unsigned bit;
    const char *name, *sentence;
    bool live;
} proofs[] = {
#define PROOF(bit, name, live, contains, sentence) {PROOF_##bit, name, sentence, live},
#define RESTS(bit, text, role, who, brief)
#include "model/proofs.def"
#undef PROOF
#undef RESTS
};
#define PROOFS (sizeof proofs / sizeof *proofs)

bool situs_result_proof(const struct situs_result *r, size_t i, struct situs_proof *out)
{
    if (!r || i >= PROOFS)
        return false;
    const struct proof_row *row = &proofs[i];
    *out = (struct situs_proof){
        .name = row->name,
        .sentence = row->sentence,
        .required = r->result.policy->require & row->bit,
        .holds = r->result.held & row->bit,
        .held_as_of = row->live && r->result.archived && verdict_rows(&r->result, row->bit),
    };
    return true;
}

static bool refuses(const struct result *r, enum check c)
{
    enum outcome outcome = r->findings.v[c].outcome;
    return (outcome == OUTCOME_FAIL && verdict_counts(r, c)) ||
           (outcome != OUTCOME_PASS && verdict_needs(r, c, r->policy->require));
}

static uint64_t proofs_of(const struct result *r, enum check c)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < PROOFS; i++)
        if (verdict_needs(r, c, proofs[i].bit))
            bits |= UINT64_C(1) << i;
    return bits;
}

bool situs_result_check(const struct situs_result *r, size_t i, struct situs_check *out)
{
    for (enum check c = 0; r && c < CHECK_COUNT; c++) {
        const struct finding *f = &r->result.findings.v[c];
        if (!verdict_applies(&r->result, c) || i-- > 0)
            continue;
        *out = rows_check(c, f);
        out->refuses = refuses(&r->result, c);
        out->proofs = proofs_of(&r->result, c);
        return true;
    }
    return false;
}

/* What to do about a row that did not run and is needed. */
static const char *hint_not_run(const struct result *r, enum check c)
{
    static const char *const missing[] = {
        [KIND_ANY] = "send the quote of the TEE",
#define TEE(id, name, chain, dated, what, send) [KIND_##id] = send,
#include "model/tees.def"
#undef TEE
        [KIND_TPM] = "put the quote of the guest's TPM into the bundle: situs-bundle(5)",
        [KIND_HOST] = "put the quote of the machine's own TPM into the bundle: situs-bundle(5)",
        [KIND_POE] = "give an ownership endorsement of this machine: its issuer has it",
        [KIND_LIST] = "give a machine list: who vouches for this machine publishes it",
        [KIND_VOUCH] = "have the quote attested by that verifier, and give its token"};
    if (c == CHECK_FRESH_NONCE)
        return "issue a challenge (situs challenge), have it attested, and give it with --nonce";
    if (c == CHECK_BIND_CHANNEL)
        return "give the key of the peer that you talk to with --channel, or have it in the bundle";
    if (!r->findings.v[c].reason)
        return missing[check_row(c)->kind];
    if (c == CHECK_POE_REVOKED)
        return "get the newest revocation list of who endorses the machine, and give it with "
               "--endorsement";
    if (c == CHECK_AK_CERTIFICATE)
        return "state in the policy what the provider's platform is worth: situs-policy(5)";
    for (enum check other = 0; other < CHECK_COUNT; other++)
        if (r->findings.v[other].outcome == OUTCOME_FAIL)
            return "a check that failed may be why: see to that first";
    return "give what the reason names, or take the proof out of the policy";
}

static void tell_row(struct situs_error *out, const struct result *r, enum check c)
{
    const struct finding *f = &r->findings.v[c];
    *out = f->outcome == OUTCOME_FAIL ? rows_failed(check_row(c)->id, refuses(r, c), f->why)
                                      : rows_not_run(c, f, hint_not_run(r, c));
}

/* A proof that does not hold though no row is to blame. */
static void tell_proof(struct situs_error *out, const struct result *r, const struct proof_row *p)
{
    struct situs_err why = {0};
    bool then = p->live && r->archived;
    err_fail(&why, SITUS_NOT_ALLOWED, "policy", "require", SITUS_NO_OFFSET, p->name,
             then ? "archived evidence" : "evidence that cannot give it");
    err_hint(&why, then ? "what was so then need not be so now: ask for new evidence, with a nonce"
                        : "the proof does not exist for this kind of evidence");
    *out = rows_failed(NULL, r->policy->require & p->bit, &why);
}

static bool nothing_made(size_t i, struct situs_error *out)
{
    struct situs_err why = {0};
    if (i > 0)
        return false;
    err_fail(&why, SITUS_MISSING, "result", "", SITUS_NO_OFFSET, "a result", "NULL");
    err_hint(&why, "give situs_verify a policy, at most 16 endorsements and situs_verify_memory");
    *out = rows_failed(NULL, true, &why);
    return true;
}

/* The row of that outcome, which refuses or does not, that *i counts down to; CHECK_COUNT: none. */
static enum check nth(const struct result *r, enum outcome outcome, bool refusing, size_t *i)
{
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (r->findings.v[c].outcome == outcome && refuses(r, c) == refusing && (*i)-- == 0)
            return c;
    return CHECK_COUNT;
}

static bool any_row_refuses(const struct result *r)
{
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (refuses(r, c))
            return true;
    return false;
}

bool situs_result_error(const struct situs_result *result, size_t i, struct situs_error *out)
{
    if (!result)
        return nothing_made(i, out);
    const struct result *r = &result->result;
    bool stopped = r->err.code != SITUS_NONE;
    if (stopped && i-- == 0) {
        *out = rows_failed(NULL, true, &r->err);
        return true;
    }
    enum check c = nth(r, OUTCOME_FAIL, true, &i);
    if (c == CHECK_COUNT)
        c = nth(r, OUTCOME_NOT_RUN, true, &i);
    for (size_t p = 0; c == CHECK_COUNT && !stopped && !any_row_refuses(r) && p < PROOFS; p++)
        if (r->policy->require & ~r->held & proofs[p].bit && i-- == 0) {
            tell_proof(out, r, &proofs[p]);
            return true;
        }
    if (c == CHECK_COUNT)
        c = nth(r, OUTCOME_FAIL, false, &i);
    if (c != CHECK_COUNT)
        tell_row(out, r, c);
    return c != CHECK_COUNT;
}

/* The exit code that a reason gives by itself. */
static int exit_of(const struct result *r, const struct situs_error *e)
{
    if (!e->check)
        return r->err.code != SITUS_NONE ? r->exit : 6;
    return e->outcome == SITUS_FAIL ? finding_exit(check_find(span_text(e->check)), e->why.code)
                                    : 6;
}

bool situs_result_reason(const struct situs_result *result, struct situs_error *out)
{
    if (!result)
        return nothing_made(0, out);
    const struct result *r = &result->result;
    struct situs_error e;
    for (size_t i = 0; situs_result_error(result, i, &e) && e.refuses; i++)
        if (exit_of(r, &e) == r->exit) {
            *out = e;
            return true;
        }
    return situs_result_error(result, 0, out) && out->refuses;
}

/* A row of that outcome keeps a proof from holding. */
static bool stops(const struct result *r, enum check c, enum outcome outcome, unsigned proof)
{
    return r->findings.v[c].outcome == outcome &&
           ((outcome == OUTCOME_FAIL && verdict_stands(r, c) & proof) ||
            verdict_needs(r, c, proof));
}

bool rows_against(const struct situs_result *result, size_t p, struct rows_at *at,
                  struct situs_error *out)
{
    if (!result || p >= PROOFS || result->result.held & proofs[p].bit)
        return false;
    const struct result *r = &result->result;
    bool first = at->row == 0;
    if (r->err.code != SITUS_NONE) {
        at->row++;
        *out = rows_failed(NULL, true, &r->err);
        return first;
    }
    while (at->row < 2 * CHECK_COUNT) { /* those that failed, then those that did not run */
        size_t row = at->row++;
        enum check c = (enum check)(row % CHECK_COUNT);
        if (stops(r, c, row < CHECK_COUNT ? OUTCOME_FAIL : OUTCOME_NOT_RUN, proofs[p].bit)) {
            tell_row(out, r, c);
            return true;
        }
    }
    if (first)
        tell_proof(out, r, &proofs[p]);
    return first;
}

bool situs_result_proof_error(const struct situs_result *result, size_t p, size_t i,
                              struct situs_error *out)
{
    struct rows_at at = {0};
    bool is;
    do
        is = rows_against(result, p, &at, out);
    while (is && i-- > 0);
    return is;
}

bool situs_result_held_as_of(const struct situs_result *result)
{
    const struct result *r = result ? &result->result : NULL;
    if (!r || !r->archived || r->err.code != SITUS_NONE || r->verdict == VERDICT_TRUSTED)
        return false;
    if (r->policy->require == 0 || (result_simulated(r) && !r->policy->simulated))
        return false;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (r->findings.v[c].outcome == OUTCOME_FAIL && verdict_counts(r, c))
            return false;
    for (size_t p = 0; p < PROOFS; p++)
        if (r->policy->require & proofs[p].bit && !verdict_rows(r, proofs[p].bit))
            return false;
    return true;
}
