/* Verdict; see verdict.h. */
#include "appraise/verdict.h"

bool verdict_applies(const struct result *r, enum check c)
{
    enum check_kind kind = check_row(c)->kind;
    if (kind != KIND_TDX && kind != KIND_SGX)
        return true;
    return kind == r->tee;
}

bool verdict_rows(const struct result *r, unsigned proof)
{
    if (r->err.code != SITUS_NONE || r->tee == KIND_ANY)
        return false;
    if (proof == PROOF_BOUND && r->tee != KIND_TDX)
        return false; /* only a TD has the registers and the report data that binding compares */
    size_t rows = 0;
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        if (!(check_row(c)->proofs & proof) || !verdict_applies(r, c))
            continue;
        if (r->findings.v[c].outcome != OUTCOME_PASS)
            return false;
        rows++;
    }
    return rows > 0;
}

static bool proof_is_live(unsigned proof)
{
#define PROOF(bit, name, live, contains, sentence) \
    if (proof == PROOF_##bit)                      \
        return live;
#define RESTS(bit, text)
#include "model/proofs.def"
#undef PROOF
#undef RESTS
    return true;
}

static void lower(int *exit, int code)
{
    if (*exit == 0 || code < *exit)
        *exit = code;
}

/* Evidence that does not read is 2, whatever the code; collateral that is absent or out of its time
 * is 3. */
static int reading_exit(const struct result *r)
{
    enum situs_code code = r->err.code;
    bool absent = code == SITUS_MISSING || code == SITUS_EXPIRED || code == SITUS_NOT_YET_VALID;
    return r->err_in_collateral && absent ? 3 : 2;
}

/* A failed word about the machine takes its proof away, and refuses only who asked for it. */
static bool counts(const struct result *r, enum check c)
{
    const struct check_row *row = check_row(c);
    bool word = row->kind == KIND_POE || row->kind == KIND_LIST;
    return !word || (row->proofs & r->policy->require);
}

/* Ownership and binding of one machine: the words of two parties, which must be about the same. */
static bool needs_same_machine(const struct result *r)
{
    return r->policy->require & PROOF_BOUND && r->policy->require & (PROOF_OWNED | PROOF_LISTED);
}

void verdict_decide(struct result *r)
{
    int exit = 0;
    r->held = 0;
    r->verdict = VERDICT_REFUSED;
    for (unsigned proof = 1; proof <= PROOF_ALL; proof <<= 1)
        if (verdict_rows(r, proof) && !(r->archived && proof_is_live(proof)))
            r->held |= proof;
    if (r->err.code != SITUS_NONE)
        lower(&exit, reading_exit(r));
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (r->findings.v[c].outcome == OUTCOME_FAIL && counts(r, c))
            lower(&exit, finding_exit(c, r->findings.v[c].why->code));
    if (r->policy->require == 0 || (r->policy->require & ~r->held))
        lower(&exit, 6); /* a required proof whose evidence is absent */
    if (needs_same_machine(r) && r->findings.v[CHECK_MACHINE_SAME].outcome != OUTCOME_PASS)
        lower(&exit, 6);
    r->exit = exit;
    if (exit == 0)
        r->verdict = VERDICT_TRUSTED;
}
