/* Cache of verified PCK chains and attestation keys; see quote_verify.h. */
#include "evidence/tdx/quote_cache.h"

#define CHAIN_DER 4096 /* three certificates of Intel's profile are about 2.6 KiB */

/* Identities lie apart from what they stand for, so that a search reads few bytes. */
struct slot {
    uint8_t id[32];
    uint64_t used; /* tick of the last use; 0: empty */
};

struct kept_chain {
    struct quote_chain chain;
    uint8_t der[CHAIN_DER];
};

struct quote_cache {
    size_t slots;
    uint64_t tick;
    struct slot *chain_slots, *key_slots;
    struct kept_chain *chains;
    struct p256_key **keys;
};

size_t quote_cache_size(size_t slots)
{
    size_t each = 2 * sizeof(struct slot) + sizeof(struct kept_chain) + sizeof(struct p256_key *);
    size_t fixed = sizeof(struct quote_cache) + 6 * 16; /* 16: greatest alignment, per array */
    return slots > (SIZE_MAX - fixed) / each ? SIZE_MAX : fixed + slots * each;
}

struct quote_cache *quote_cache_new(void *memory, size_t slots)
{
    struct arena a = arena_new(memory, quote_cache_size(slots));
    struct quote_cache *c = ARENA_NEW(&a, struct quote_cache);
    if (!c || slots == 0)
        return NULL;
    c->slots = slots;
    c->chain_slots = ARENA_ARRAY(&a, slots, struct slot);
    c->key_slots = ARENA_ARRAY(&a, slots, struct slot);
    c->chains = ARENA_ARRAY(&a, slots, struct kept_chain);
    c->keys = ARENA_ARRAY(&a, slots, struct p256_key *);
    return c->chain_slots && c->key_slots && c->chains && c->keys ? c : NULL;
}

void quote_cache_free(struct quote_cache *cache)
{
    for (size_t i = 0; cache && i < cache->slots; i++) {
        p256_key_free(cache->keys[i]);
        p256_key_free(cache->chains[i].chain.key);
        cache->keys[i] = cache->chains[i].chain.key = NULL;
        cache->key_slots[i].used = cache->chain_slots[i].used = 0;
    }
}

/* find is the slot with this id, or the number of slots. */
static size_t find(struct quote_cache *cache, struct slot *slots, const uint8_t id[32])
{
    for (size_t i = 0; i < cache->slots; i++)
        if (slots[i].used && memcmp(slots[i].id, id, 32) == 0) {
            slots[i].used = ++cache->tick;
            return i;
        }
    return cache->slots;
}

/* claim gives the slot of the oldest use this id. */
static size_t claim(struct quote_cache *cache, struct slot *slots, const uint8_t id[32])
{
    size_t oldest = 0;
    for (size_t i = 1; i < cache->slots; i++)
        if (slots[i].used < slots[oldest].used)
            oldest = i;
    memcpy(slots[oldest].id, id, 32);
    slots[oldest].used = ++cache->tick;
    return oldest;
}

const struct quote_chain *quote_cache_chain(struct quote_cache *cache, const uint8_t id[32])
{
    size_t i = find(cache, cache->chain_slots, id);
    return i < cache->slots ? &cache->chains[i].chain : NULL;
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
        size += chain->cert[i].der.n;
    if (size > CHAIN_DER)
        return false;
    struct kept_chain *kept = &cache->chains[claim(cache, cache->chain_slots, id)];
    p256_key_free(kept->chain.key);
    kept->chain = *chain;
    uint8_t *to = kept->der;
    for (int i = 0; i < CHAIN_SIZE; i++) {
        struct intel_cert *c = &kept->chain.cert[i];
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
    size_t i = find(cache, cache->key_slots, id);
    return i < cache->slots ? cache->keys[i] : NULL;
}

void quote_cache_keep_key(struct quote_cache *cache, const uint8_t id[32], struct p256_key *key)
{
    size_t i = claim(cache, cache->key_slots, id);
    p256_key_free(cache->keys[i]);
    cache->keys[i] = key;
}
