/* Cache of verified issuers; see issuer_cache.h. */
#include "endorse/poe/issuer_cache.h"

#include "base/slots.h"

struct issuer_cache {
    struct slots slots;
    struct poe_issuer *issuer;
    struct hot_keys *hot; /* NULL: uses count nowhere */
};

size_t issuer_cache_size(size_t slots)
{
    return slots_room(slots, sizeof(struct issuer_cache),
                      sizeof(struct slot) + sizeof(struct poe_issuer));
}

struct issuer_cache *issuer_cache_new(void *memory, size_t slots)
{
    struct arena a = arena_new(memory, issuer_cache_size(slots));
    struct issuer_cache *c = ARENA_NEW(&a, struct issuer_cache);
    if (!c || !slots_new(&c->slots, slots, &a))
        return NULL;
    c->issuer = ARENA_ARRAY(&a, slots, struct poe_issuer);
    return c->issuer ? c : NULL;
}

void issuer_cache_free(struct issuer_cache *cache)
{
    for (size_t i = 0; cache && i < cache->slots.n; i++) {
        verify_key_free(cache->issuer[i].key);
        cache->issuer[i].key = NULL;
        cache->slots.v[i].used = 0;
    }
}

void issuer_cache_count(struct issuer_cache *cache, struct hot_keys *hot)
{
    if (cache)
        cache->hot = hot;
}

struct hot_keys *issuer_cache_hot(const struct issuer_cache *cache)
{
    return cache->hot;
}

const struct poe_issuer *issuer_cache_find(struct issuer_cache *cache, const uint8_t id[32])
{
    size_t i;
    return slots_find(&cache->slots, id, &i) ? &cache->issuer[i] : NULL;
}

const struct poe_issuer *issuer_cache_keep(struct issuer_cache *cache, const uint8_t id[32],
                                           const struct poe_issuer *issuer)
{
    struct poe_issuer *kept = &cache->issuer[slots_claim(&cache->slots, id)];
    verify_key_free(kept->key);
    *kept = *issuer;
    return kept;
}
