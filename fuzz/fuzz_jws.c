/* A compact token opens under a pinned key or not at all; any bytes do no harm. */
#include <assert.h>

#include "crypto/jws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[1 << 16];
    static const uint8_t key[JWS_KEY_SIZE] = {1};
    const struct span keys[] = {SPAN_ARR(key)};
    struct arena arena = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct span payload;
    bool ok = jws_open(&payload, span_of(data, size), keys, 1, &arena, "token", &err);
    assert(ok == (err.code == SITUS_NONE) && (ok || payload.n == 0));
    return 0;
}
