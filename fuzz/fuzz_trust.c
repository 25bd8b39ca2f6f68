/* The trust file reader takes any bytes without harm, and holds no anchor after a refusal. */
#include <assert.h>

#include "model/trust_verifiers.h"
#include "oracle.h"

const char *const oracles[] = {"anchors", "verifiers", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[1 << 17];
    struct arena arena = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct trust trust;
    bool ok = trust_read(&trust, span_of(data, size), &arena, &err);
    assert(ok == (trust.n > 0) && ok == (err.code == SITUS_NONE));
    for (size_t i = 0; i < trust.n; i++)
        assert(trust.anchors[i].uses && trust.anchors[i].name[0]);
    for (size_t i = 0; i < trust.n_verifiers; i++) {
        const struct trust_verifier *v = &trust.verifiers[i];
        assert(v->issuer.n && v->n_keys > 0);
        assert(trust_verifier_find(&trust, v->issuer) == v);
        oracle_ran(1);
    }
    if (ok)
        oracle_ran(0);
    return 0;
}
