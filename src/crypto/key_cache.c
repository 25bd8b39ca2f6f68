/* Cache of public keys; see key_cache.h. */
#include "crypto/key_cache.h"

#include "base/slots.h"

struct key_cache {
    struct slots slots;
    struct public_key **key;
    struct hot_keys *hot; /* NULL: uses count nowhere */
};

size_t key_cache_size(size_t slots)
{
    return slots_room(slots, sizeof(struct key_cache),
                      sizeof(struct slot) + sizeof(struct public_key *));
}

struct key_cache *key_cache_new(void *memory, size_t slots)
{
    struct arena a = arena_new(memory, key_cache_size(slots));
    struct key_cache *c = ARENA_NEW(&a, struct key_cache);
    if (!c || !slots_new(&c->slots, slots, &a))
        return NULL;
    c->key = ARENA_ARRAY(&a, slots, struct public_key *);
    return c->key ? c : NULL;
}

void key_cache_free(struct key_cache *cache)
{
    for (size_t i = 0; cache && i < cache->slots.n; i++) {
        verify_key_free(cache->key[i]);
        cache->key[i] = NULL;
        cache->slots.v[i].used = 0;
    }
}

void key_cache_count(struct key_cache *cache, struct hot_keys *hot)
{
    if (cache)
        cache->hot = hot;
}

struct hot_keys *key_cache_hot(const struct key_cache *cache)
{
    return cache->hot;
}

struct public_key *key_cache_find(struct key_cache *cache, const uint8_t id[32])
{
    size_t i;
    return slots_find(&cache->slots, id, &i) ? verify_key_share(cache->key[i]) : NULL;
}

void key_cache_keep(struct key_cache *cache, const uint8_t id[32], struct public_key *key)
{
    struct public_key *own = verify_key_share(key);
    if (!own)
        return;
    size_t i = slots_claim(&cache->slots, id);
    verify_key_free(cache->key[i]);
    cache->key[i] = own;
}
