/* A quote through the whole path; see appraise_quote.h. */
#include "support/appraise_quote.h"

#include "support/intel_vectors.h"
#include "support/test.h"
#include "tee/intel/tcb.h"

static const struct trust *trust_of(const struct appraisal *a)
{
    return a->trust ? a->trust : trust_builtin();
}

bool appraise_load(struct appraisal *a, const struct situs_item *parts, size_t n,
                   const char *policy)
{
    struct situs_err err = {0};
    if (!policy)
        policy = "{\"scenario\": \"managed\", \"require\": [\"genuine\"]}";
    a->arena = arena_new(a->memory, sizeof a->memory);
    if (!policy_read(&a->policy, "test", span_text(policy), &a->arena, &err))
        fail_msg("policy: %s %s: expected %s, got %s", err_code_name(err.code), err.field,
                 err.expected, err.got);
    a->err = (struct situs_err){0};
    a->loaded = snapshot_load(&a->snapshot, parts, n, trust_of(a), &a->arena, &a->err);
    return a->loaded;
}

void appraise_free(struct appraisal *a)
{
    snapshot_free(&a->snapshot);
    a->loaded = false;
}

void appraise_vector(struct appraisal *a, const char *folder, const char *policy)
{
    struct situs_item part =
        item_of("collateral.json", intel_vectors_read(folder, "collateral.json"));
    if (!appraise_load(a, &part, 1, policy))
        fail_msg("%s: %s %s: expected %s, got %s", a->err.part, err_code_name(a->err.code),
                 a->err.field, a->err.expected, a->err.got);
}

bool appraise_quote(struct appraisal *a, struct span bytes, int64_t at)
{
    static uint8_t memory[256 * 1024];
    struct arena arena = arena_new(memory, sizeof memory);
    a->claims = (struct claims){0};
    a->findings = (struct findings){.arena = &arena};
    a->err = (struct situs_err){0};
    if (!quote_read(&a->quote, bytes, &a->err))
        return false;
    struct snapshot *s = a->loaded ? &a->snapshot : NULL;
    quote_claims(&a->quote, &a->claims);
    const struct quote_question question = {.trust = trust_of(a),
                                            .pki = s ? &s->pki : NULL,
                                            .cache = a->cache,
                                            .policy = &a->policy,
                                            .at = at};
    quote_verify(&a->quote, &question, &arena, &a->claims, &a->findings);
    tcb_apply(&a->claims, s, &a->policy, at, &a->findings);
    return true;
}

int appraise_exit(const struct appraisal *a)
{
    enum check first = a->quote.tdx ? CHECK_TDX_SIGNATURE : CHECK_SGX_SIGNATURE;
    int worst = 0;
    for (enum check c = first; c < first + 4; c++) {
        const struct finding *f = &a->findings.v[c];
        if (f->outcome == OUTCOME_NOT_RUN && worst == 0)
            worst = -1;
        if (f->outcome != OUTCOME_FAIL)
            continue;
        print_message("%s: %s %s: expected %s, got %s (%s)\n", check_row(c)->id,
                      err_code_name(f->why->code), f->why->field, f->why->expected, f->why->got,
                      f->why->hint);
        int exit = finding_exit(c, f->why->code);
        worst = worst <= 0 || exit < worst ? exit : worst;
    }
    return worst;
}
