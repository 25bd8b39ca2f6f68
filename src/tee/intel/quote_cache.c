/* Cache of verified PCK chains and attestation keys; see quote_verify.h. */
#include "tee/intel/quote_cache.h"

#include "base/slots.h"

#define CHAIN_DER 4096 /* three certificates of Intel's profile are about 2.6 KiB */

struct kept_chain {
    struct quote_chain chain;
    uint8_t der[CHAIN_DER];
};

struct quote_cache {
    struct slots chain_slots, key_slots;
    struct kept_chain *chains;
    struct p256_key **keys;
    struct hot_keys *hot; /* NULL: uses count nowhere */
};

size_t quote_cache_size(size_t slots)
{
    return slots_room(slots, sizeof(struct quote_cache),
                      2 * sizeof(struct slot) + sizeof(struct kept_chain) +
                          sizeof(struct p256_key *));
}

struct quote_cache *quote_cache_new(void *memory, size_t slots)
{
    struct arena a = arena_new(memory, quote_cache_size(slots));
    struct quote_cache *c = ARENA_NEW(&a, struct quote_cache);
    if (!c || !slots_new(&c->chain_slots, slots, &a) || !slots_new(&c->key_slots, slots, &a))
        return NULL;
    c->chains = ARENA_ARRAY(&a, slots, struct kept_chain);
    c->keys = ARENA_ARRAY(&a, slots, struct p256_key *);
    return c->chains && c->keys ? c : NULL;
}

void quote_cache_free(struct quote_cache *cache)
{
    for (size_t i = 0; cache && i < cache->key_slots.n; i++) {
        p256_key_free(cache->keys[i]);
        p256_key_free(cache->chains[i].chain.key);
        cache->keys[i] = cache->chains[i].chain.key = NULL;
        cache->key_slots.v[i].used = cache->chain_slots.v[i].used = 0;
    }
}

void quote_cache_count(struct quote_cache *cache, struct hot_keys *hot)
{
    if (cache)
        cache->hot = hot;
}

const struct quote_chain *quote_cache_chain(struct quote_cache *cache, const uint8_t id[32])
{
    size_t i;
    return slots_find(&cache->chain_slots, id, &i) ? &cache->chains[i].chain : NULL;
}

/* move points a span into one copy of the bytes instead of another. */
static void move(struct span *s, struct span from, const uint8_t *to)
{
    if (s->n)
        s->p = to + (s->p - from.p);
}

bool quote_cache_keep_chain(struct quote_cache *cache, const uint8_t id[32],
                            const struct quote_chain *chain)
{
    size_t size = 0;
    for (int i = 0; i < CHAIN_SIZE; i++)
        size += chain->pck.cert[i].der.n;
    if (size > CHAIN_DER)
        return false;
    struct kept_chain *kept = &cache->chains[slots_claim(&cache->chain_slots, id)];
    p256_key_free(kept->chain.key);
    kept->chain = *chain;
    p256_key_count(kept->chain.key, cache->hot);
    uint8_t *to = kept->der;
    for (int i = 0; i < CHAIN_SIZE; i++) {
        struct intel_cert *c = &kept->chain.pck.cert[i];
        struct span from = c->der;
        memcpy(to, from.p, from.n);
        struct span *spans[] = {&c->der,     &c->tbs, &c->serial,         &c->issuer,
                                &c->subject, &c->sgx, &c->subject_key_id, &c->authority_key_id};
        for (size_t k = 0; k < sizeof spans / sizeof spans[0]; k++)
            move(spans[k], from, to);
        to += from.n;
    }
    return true;
}

const struct p256_key *quote_cache_key(struct quote_cache *cache, const uint8_t id[32])
{
    size_t i;
    return slots_find(&cache->key_slots, id, &i) ? cache->keys[i] : NULL;
}

void quote_cache_keep_key(struct quote_cache *cache, const uint8_t id[32], struct p256_key *key)
{
    size_t i = slots_claim(&cache->key_slots, id);
    p256_key_free(cache->keys[i]);
    cache->keys[i] = key;
    p256_key_count(key, cache->hot);
}
