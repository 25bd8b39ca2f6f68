/* A compact token opens under its key, which stands before it, or not at all; any bytes do no harm.
 * What opens is what stands in the token's second part. */
#include <assert.h>

#include "codec/base64url.h"
#include "crypto/jws.h"
#include "oracle.h"

const char *const oracles[] = {"opened", NULL};

static void check_payload(struct span token, struct span payload)
{
    static uint8_t bytes[1 << 16];
    const uint8_t *begin = memchr(token.p, '.', token.n);
    assert(begin);
    struct span rest = span_of(begin + 1, token.n - (size_t)(begin + 1 - token.p));
    const uint8_t *end = memchr(rest.p, '.', rest.n);
    size_t n;
    assert(end && base64url_read(bytes, sizeof bytes, &n, span_of(rest.p, (size_t)(end - rest.p))));
    assert(span_equal(span_of(bytes, n), payload));
    oracle_ran(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[1 << 16];
    if (size < JWS_KEY_SIZE)
        return 0;
    const struct span key = span_of(data, JWS_KEY_SIZE);
    const struct span token = span_of(data + JWS_KEY_SIZE, size - JWS_KEY_SIZE);
    struct arena arena = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct span payload;
    bool ok = jws_open(&payload, token, &key, 1, &arena, "token", &err);
    assert(ok == (err.code == SITUS_NONE) && (ok || payload.n == 0));
    if (ok)
        check_payload(token, payload);
    return 0;
}
