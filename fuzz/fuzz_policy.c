/* The policy reader takes any bytes without harm; what it takes requires a proof, and live or bound
 * only of named images. */
#include <assert.h>

#include "model/policy.h"
#include "oracle.h"

const char *const oracles[] = {"explained", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[1 << 16];
    static uint8_t text[1 << 18];
    struct arena arena = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct policy policy;
    bool ok = policy_read(&policy, "fuzz", span_of(data, size), &arena, &err);
    assert(ok == (policy.require != 0) && ok == (err.code == SITUS_NONE));
    if (!ok)
        return 0;
    assert(policy.require == PROOF_GENUINE || policy.v[PARAM_REF_GUEST_IMAGES].n > 0);
    struct wr w = wr_new(text, sizeof text);
    policy_explain(&policy, &w);
    oracle_ran(0);
    return 0;
}
