/* Quote reader and verifier take any bytes without harm: parts lie inside the input, and without
 * CRLs no claim gets an authority. */
#include <assert.h>

#include "oracle.h"
#include "tee/intel/quote_verify.h"

const char *const oracles[] = {"TDX without authority", "SGX without authority", NULL};

static void inside(struct span part, const uint8_t *data, size_t size)
{
    assert(part.p >= data && part.n <= size - (size_t)(part.p - data));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[1 << 18];
    struct arena arena = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct findings findings = {.arena = &arena};
    struct claims claims = {0};
    struct policy policy = {0};
    struct quote q;
    bool ok = quote_read(&q, span_of(data, size), &err);
    assert(ok == (err.code == SITUS_NONE));
    if (!ok)
        return 0;
    assert(q.whole.n + q.padding == size);
    inside(q.body, data, size);
    inside(q.qe_report, data, size);
    inside(q.certification, data, size);
    quote_claims(&q, &claims);
    const struct quote_question question = {
        .trust = trust_builtin(), .policy = &policy, .at = 1769510999};
    quote_verify(&q, &question, &arena, &claims, &findings);
    assert(!claims.authority);
    assert(findings.v[q.tdx ? CHECK_TDX_PCK_CHAIN : CHECK_SGX_PCK_CHAIN].outcome == OUTCOME_FAIL);
    oracle_ran(q.tdx ? 0 : 1);
    return 0;
}
