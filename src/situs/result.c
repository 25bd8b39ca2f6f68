/* What a program asks of a result (situs.h): the verdict, every row, every reason, claims. */
#include "appraise/verdict.h"
#include "base/text.h"
#include "situs/door.h"
#include "situs/report.h"
#include "situs/rows.h"

#include <stdio.h>

static const struct proof_row {
    unsigned bit;
    const char *name, *sentence;
    bool live;
    unsigned contains;
} proofs[] = {
#define PROOF(bit, name, live, contains, sentence) {PROOF_##bit, name, sentence, live, contains},
#define RESTS(bit, text)
#include "model/proofs.def"
#undef PROOF
#undef RESTS
};
#define PROOFS (sizeof proofs / sizeof *proofs)

static const struct {
    unsigned bit;
    const char *text;
} rests[] = {
#define PROOF(bit, name, live, contains, sentence)
#define RESTS(bit, text) {PROOF_##bit, text},
#include "model/proofs.def"
#undef PROOF
#undef RESTS
};
#define RESTS (sizeof rests / sizeof *rests)

bool situs_result_trusted(const struct situs_result *r)
{
    return r && r->result.verdict == VERDICT_TRUSTED && r->result.exit == 0;
}

int situs_result_exit(const struct situs_result *r)
{
    return r ? r->result.exit : 2;
}

bool situs_result_holds(const struct situs_result *r, const char *proof)
{
    return r && proof && (r->result.held & proof_find(span_text(proof)));
}

bool situs_result_simulated(const struct situs_result *r)
{
    return r && result_simulated(&r->result);
}

/* finish ends a text with its zero byte and returns the size that it needs. */
static size_t finish(struct wr *w, char *text, size_t size)
{
    if (size)
        text[wr_ok(w) ? w->n : w->size] = 0;
    return w->n;
}

bool situs_result_claim(const struct situs_result *r, const char *name, char *text, size_t size)
{
    for (int i = 0; r && i < INSTANCE_COUNT; i++) {
        const struct claims *set = &r->result.claims[i];
        size_t n = set->authority ? strlen(set->instance) : 0;
        if (n == 0 || strncmp(name, set->instance, n) != 0 || name[n] != '.')
            continue;
        for (enum claim_id id = 0; id < CLAIM_COUNT; id++) {
            if (strcmp(claim_row(id)->name, name + n + 1) != 0 || !claims_get(set, id) || !size)
                continue;
            struct wr w = wr_new(text, size - 1);
            report_claim(&set->v[id], claim_row(id)->type, &w);
            return finish(&w, text, size) < size;
        }
    }
    return false;
}

const char *situs_result_note(const struct situs_result *r, size_t i)
{
    return r && i < r->result.n_notes ? r->result.notes[i] : NULL;
}

bool situs_result_claim_name(const struct situs_result *r, size_t i, char name[SITUS_CLAIM_NAME],
                             const char **authority)
{
    for (int k = 0; r && k < INSTANCE_COUNT; k++) {
        const struct claims *set = &r->result.claims[k];
        for (enum claim_id id = 0; id < CLAIM_COUNT; id++) {
            if (!claims_get(set, id) || i-- > 0)
                continue;
            snprintf(name, SITUS_CLAIM_NAME, "%s.%s", set->instance, claim_row(id)->name);
            if (authority)
                *authority = set->authority->name;
            return true;
        }
    }
    return false;
}

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

const char *situs_result_rests_on(const struct situs_result *r, size_t p, size_t i)
{
    unsigned on =
        r && p < PROOFS ? verdict_rests_on(&r->result, proofs[p].bit, proofs[p].contains) : 0;
    for (size_t k = 0; k < RESTS; k++)
        if (on & rests[k].bit && i-- == 0)
            return rests[k].text;
    return NULL;
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
        [KIND_TDX] = "send the quote of the TD",
        [KIND_SGX] = "send the quote of the enclave",
        [KIND_TPM] = "put the quote of the guest's TPM into the bundle: situs-bundle(5)",
        [KIND_HOST] = "put the quote of the machine's own TPM into the bundle: situs-bundle(5)",
        [KIND_POE] = "give an ownership endorsement of this machine: its issuer has it",
        [KIND_LIST] = "give a machine list: who vouches for this machine publishes it"};
    if (c == CHECK_FRESH_NONCE)
        return "issue 32 random bytes, have them attested, and give them as the request's nonce";
    if (c == CHECK_BIND_CHANNEL)
        return "give the peer's key as the request's channel, or have it put into the bundle";
    if (!r->findings.v[c].reason)
        return missing[check_row(c)->kind];
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

/* A required proof that does not hold though no row is to blame. */
static void tell_proof(struct situs_error *out, const struct result *r, const struct proof_row *p)
{
    struct situs_err why = {0};
    bool then = p->live && r->archived;
    err_fail(&why, SITUS_NOT_ALLOWED, "policy", "require", SITUS_NO_OFFSET, p->name,
             then ? "archived evidence" : "evidence that cannot give it");
    err_hint(&why, then ? "what was so then need not be so now: ask for new evidence, with a nonce"
                        : "the proof does not exist for this kind of evidence");
    *out = rows_failed(NULL, true, &why);
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

size_t situs_result_json(const struct situs_result *r, char *text, size_t size)
{
    struct wr w = wr_new(text, size ? size - 1 : 0);
    report_json(&r->result, &w);
    return finish(&w, text, size);
}

size_t situs_result_text(const struct situs_result *r, bool colour, char *text, size_t size)
{
    struct wr w = wr_new(text, size ? size - 1 : 0);
    report_text(&r->result, colour, &w);
    return finish(&w, text, size);
}
