/*
 * An ownership endorsement whose issuer's chain is known: read from its bytes, the issuer found in
 * the cache, the window and the one signature (P-384) judged, the claims stated. The issuer's key has
 * a table after its first signatures.
 */
#include "bench.h"
#include "crypto/digest.h"
#include "crypto/hot_keys.h"
#include "endorse/poe/poe_verify.h"
#include "endorse/poe/poe_write.h"
#include "lab/intel/lab_owner.h"

#define AT INT64_C(1790000000)

static struct {
    struct lab_world *world;
    uint8_t bytes[LIMIT_POE], cache_memory[4096], hot_memory[8192];
    struct span endorsement;
    struct anchor anchor;
    struct trust trust;
    struct issuer_cache *cache;
    size_t most;
} poe;

static bool write_endorsement(const struct lab_owner *owner, struct situs_err *err)
{
    static const uint8_t piid[16] = {1};
    const struct span certs[] = {owner->leaf, owner->root};
    const struct poe_terms terms = {.piid = SPAN_ARR(piid),
                                    .owner = SPAN_LIT("Bench"),
                                    .not_before = AT,
                                    .certs = certs,
                                    .n_certs = 2};
    struct sign_key *key = sign_key_read(owner->key, "key", err);
    struct wr w = wr_new(poe.bytes, sizeof poe.bytes);
    bool ok = key && poe_write(&w, &terms, key, "poe", err);
    sign_key_free(key);
    poe.endorsement = wr_span(&w);
    return ok;
}

bool bench_poe_setup(const char **reason)
{
    struct situs_err err = {0};
    *reason = "the lab's endorsement could not be made";
    if (poe.world)
        return poe.cache != NULL;
    poe.world = lab_world_new(AT);
    struct lab_owner owner = lab_owner_new(poe.world, "Bench");
    poe.anchor = (struct anchor){.name = "bench", .uses = ANCHOR_POE, .der = owner.root};
    poe.trust = (struct trust){.anchors = &poe.anchor, .n = 1};
    if (!digest(HASH_SHA256, owner.root, poe.anchor.sha256) || !write_endorsement(&owner, &err))
        return false;
    poe.cache = issuer_cache_new(poe.cache_memory, 2);
    issuer_cache_count(poe.cache, hot_keys_new(poe.hot_memory));
    return bench_poe_verify(16); /* from here on the issuer is known, and its key has a table */
}

bool bench_poe_verify(size_t n)
{
    static _Alignas(16) uint8_t memory[16384];
    for (size_t i = 0; i < n; i++) {
        struct arena a = arena_new(memory, sizeof memory);
        struct situs_err err = {0};
        struct findings findings = {.arena = &a};
        struct claims claims = {.instance = NULL};
        struct poe read;
        const struct poe_question q = {
            .poe = &read, .trust = &poe.trust, .cache = poe.cache, .at = AT + 1, .part = "poe"};
        if (!poe_read(&read, poe.endorsement, "poe", &err))
            return false;
        poe_verify(&q, &a, &claims, &findings);
        if (findings.v[CHECK_POE_SIGNATURE].outcome != OUTCOME_PASS || !claims.authority)
            return false;
        poe.most = a.used > poe.most ? a.used : poe.most;
    }
    return true;
}

size_t bench_poe_arena(void)
{
    return poe.most;
}
