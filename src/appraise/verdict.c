/* Verdict; see verdict.h. */
#include "appraise/verdict.h"

bool verdict_applies(const struct result *r, enum check c)
{
    enum check_kind kind = check_row(c)->kind;
    if (kind == KIND_HOST)
        return r->policy->scenario == SCENARIO_BARE_METAL;
    return !tee_row(kind) || kind == r->tee;
}

/* Binding speaks of a TD, which alone has the registers and the report data that it compares, or of what a paravisor
 * reports; the host's proofs of bare metal. */
static bool exists(const struct result *r, unsigned proof)
{
    if (proof & (PROOF_HOST_MEASURED | PROOF_CO_LOCATED) &&
        r->policy->scenario != SCENARIO_BARE_METAL)
        return false;
    return !(proof & PROOFS_BOUND) || r->tee == KIND_TDX || r->paravisor;
}

/* Ownership and binding of one machine: the words of two parties, which must be about the same. */
static bool needs_same_machine(const struct result *r)
{
    return r->policy->require & PROOFS_BOUND && r->policy->require & (PROOF_OWNED | PROOF_LISTED);
}

/* Where firmware measures to the TD alone, bind.measurements has nothing to compare, and
 * host.co-located carries the tie; under a paravisor the TD measures nothing of the guest. machine.same compares two words about a machine: on bare metal
 * the registrar's and Intel's are always there, elsewhere an owner's must be asked for. */
bool verdict_needs(const struct result *r, enum check c, unsigned proofs)
{
    if (!(check_row(c)->proofs & proofs) || !verdict_applies(r, c))
        return false;
    bool managed = r->policy->scenario == SCENARIO_MANAGED;
    if (r->no_overlap && (c == CHECK_BIND_MEASUREMENTS || (c == CHECK_LOG_RTMR && managed)))
        return false;
    return c != CHECK_MACHINE_SAME || r->policy->scenario == SCENARIO_BARE_METAL ||
           needs_same_machine(r);
}

/* Google's document of a host names a TD only through the AK certificate (DESIGN: registries), so
 * it is worth what that TPM's word is. */
static bool listed_by_tpm(const struct result *r)
{
    const struct claim *source = &r->claims[INSTANCE_LIST].v[CLAIM_LIST_SOURCE];
    return source->set && span_equal(source->bytes, SPAN_LIT("google-host"));
}

unsigned verdict_stands(const struct result *r, enum check c)
{
    unsigned proofs = check_row(c)->proofs;
    return proofs & PROOF_BOUND && listed_by_tpm(r) ? proofs | PROOF_LISTED : proofs;
}

bool verdict_rows(const struct result *r, unsigned proof)
{
    if (r->err.code != SITUS_NONE || r->tee == KIND_ANY || !exists(r, proof))
        return false;
    size_t rows = 0;
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        if (r->findings.v[c].outcome == OUTCOME_FAIL && verdict_stands(r, c) & proof)
            return false;
        if (!verdict_needs(r, c, proof))
            continue;
        if (r->findings.v[c].outcome != OUTCOME_PASS)
            return false;
        rows++;
    }
    return rows > 0;
}

unsigned verdict_rests_on(const struct result *r, unsigned proof, unsigned contains)
{
    if (proof & PROOFS_BOUND && r->policy->scenario == SCENARIO_BARE_METAL)
        return PROOF_GENUINE | PROOF_LIVE | PROOF_HOST_MEASURED | PROOF_CO_LOCATED;
    return contains | proof;
}

static bool proof_is_live(unsigned proof)
{
#define PROOF(bit, name, live, contains, sentence) \
    if (proof == PROOF_##bit)                      \
        return live;
#define RESTS(bit, text, role, who, brief)
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
 * is 3; what the caller gave and cannot be read is a mistake in the question. */
static int reading_exit(const struct result *r)
{
    if (r->err_in_request)
        return 1;
    enum situs_code code = r->err.code;
    bool absent = code == SITUS_MISSING || code == SITUS_EXPIRED || code == SITUS_NOT_YET_VALID;
    return r->err_in_collateral && absent ? 3 : 2;
}

/* A failed word about the machine takes its proof away, and refuses only who asked for it. */
bool verdict_counts(const struct result *r, enum check c)
{
    const struct check_row *row = check_row(c);
    bool word = row->kind == KIND_POE || row->kind == KIND_LIST || row->kind == KIND_VOUCH;
    return !word || (row->proofs & r->policy->require);
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
        if (r->findings.v[c].outcome == OUTCOME_FAIL && verdict_counts(r, c))
            lower(&exit, finding_exit(c, r->findings.v[c].why->code));
    if (result_simulated(r) &&
        !r->policy->simulated) { /* whatever chain it ends: see simulated.h */
        r->held = 0;
        lower(&exit, 4);
    }
    if (r->policy->require == 0 || (r->policy->require & ~r->held))
        lower(&exit, 6); /* a required proof whose evidence is absent */
    r->exit = exit;
    if (exit == 0)
        r->verdict = VERDICT_TRUSTED;
}
