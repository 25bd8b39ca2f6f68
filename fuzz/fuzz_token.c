/*
 * What a relying party is handed: 32 bytes that its policy's digest must be, a key set, a zero byte,
 * and a token or the claims of one. Any bytes do no harm, and what holds is signed, whole and in time.
 */
#include <assert.h>

#include "ear/ear.h"
#include "ear/jwks.h"
#include "oracle.h"
#include "situs.h"

#define AT INT64_C(1800000005) /* of the first inputs */

const char *const oracles[] = {"keys", "claims", "holds", NULL};

static void read_keys(struct span keys, struct arena a)
{
    struct jwks set;
    struct situs_err err = {0};
    bool ok = jwks_read(&set, keys, &a, "keys", &err);
    assert(ok == (err.code == SITUS_NONE) && set.n <= JWKS_KEYS);
    if (ok) {
        assert(set.n > 0);
        for (size_t i = 0; i < set.n; i++)
            assert(set.v[i].key && set.v[i].kid.n > 0);
        oracle_ran(0);
    }
    jwks_free(&set);
}

static void read_claims(struct span claims, struct arena a)
{
    struct ear e;
    struct situs_err err = {0};
    bool ok = ear_read(&e, claims, &a, &err);
    assert(ok == (err.code == SITUS_NONE));
    if (ok) {
        assert(*e.issuer && *e.audience && e.nonce_size <= EAR_NONCE_MAX);
        assert(e.point_size == 0 || e.point_size == 64 || e.point_size == 96);
        oracle_ran(1);
    }
}

static void verify(struct span policy, struct span keys, struct span token)
{
    static _Alignas(16) uint8_t memory[SITUS_TOKEN_MEMORY];
    static char text[64 * 1024];
    static const char *const require[] = {"live", "bound"};
    const struct situs_token_request q = {.token = {"token", token.p, token.n},
                                          .keys = {"keys", keys.p, keys.n},
                                          .issuer = "https://verifier.example/p/guest",
                                          .audience = "backend.example",
                                          .policy_sha256 = {"policy", policy.p, policy.n},
                                          .require = require,
                                          .n_require = 2,
                                          .at = AT};
    const struct situs_token *x =
        situs_token_verify(&q, (struct situs_memory){memory, sizeof memory});
    struct situs_err why;
    assert(x);
    bool against = situs_token_error(x, &why);
    assert(against == !situs_token_holds(x) && against == (situs_token_exit(x) != 0));
    assert(against == (why.code != SITUS_NONE) && (!against || why.hint[0]));
    assert(situs_token_json(x, text, sizeof text) < sizeof text);
    assert(situs_token_brief(x, false, text, sizeof text) < sizeof text);
    if (!against)
        oracle_ran(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[1 << 18];
    const uint8_t *zero = size > 32 ? memchr(data + 32, 0, size - 32) : NULL;
    if (!zero)
        return 0;
    struct span keys = span_of(data + 32, (size_t)(zero - data - 32));
    struct span token = span_of(zero + 1, (size_t)(data + size - zero - 1));
    read_keys(keys, arena_new(memory, sizeof memory));
    read_claims(token, arena_new(memory, sizeof memory));
    verify(span_of(data, 32), keys, token);
    return 0;
}
