/* A token of another verifier's reads or does not; whatever it says, it counts under no key but the trust
 * file's, which signed none of these. */
#include <assert.h>

#include "endorse/vouch/maa_token.h"
#include "oracle.h"

const char *const oracles[] = {"told", "read", "asked", NULL};

static void ask(const struct endorsement *e, struct arena *a)
{
    static uint8_t modulus[256];
    static struct claims claims[INSTANCE_COUNT];
    static const struct anchor maker;
    static struct policy policy;
    struct span name = SPAN_LIT("verifier");
    const struct vouched *v = e->doc;
    modulus[0] = modulus[255] = 0xff;
    const struct jws_rsa key = {.kid = SPAN_LIT("key"), .modulus = SPAN_ARR(modulus)};
    const struct trust_verifier by = {
        .anchor = {.name = "verifier"}, .issuer = v->issuer, .keys = &key, .n_keys = 1};
    const struct trust trust = {.verifiers = &by, .n_verifiers = 1};
    policy.v[PARAM_VOUCH_VERIFIERS] = (struct param_value){.given = true, .words = &name, .n = 1};
    claims[INSTANCE_TEE] = (struct claims){.instance = tee_row(v->tee)->name, .authority = &maker};
    for (size_t i = 0; i < v->n_said; i++)
        claims[INSTANCE_TEE].v[v->said[i].id] = v->said[i].is;
    const struct question q = {
        .claims = claims, .trust = &trust, .policy = &policy, .at = v->iat, .arena = a};
    struct answer x;
    answer_begin(&x, &vouching_family, &q, e->part);
    vouching_answer(e, v, &q, &x);
    assert(!x.claims.authority && x.findings.v[CHECK_VOUCH_SIGNATURE].outcome == OUTCOME_FAIL);
    oracle_ran(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[1 << 16];
    struct arena a = arena_new(memory, sizeof memory);
    struct vouched v;
    struct situs_err err = {0};
    const struct span token = span_of(data, size);
    if (maa_token_is(token))
        oracle_ran(0);
    bool ok = maa_token_read(&v, token, &a, "token", &err);
    assert(ok == (err.code == SITUS_NONE));
    if (!ok)
        return 0;
    assert(v.issuer.n && v.exp >= 0 && (v.tee == KIND_SNP || v.tee == KIND_TDX) && v.n_said > 0);
    oracle_ran(1);
    ask(&(struct endorsement){.part = "token", .bytes = token, .doc = &v}, &a);
    return 0;
}
