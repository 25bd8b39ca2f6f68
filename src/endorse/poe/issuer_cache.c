/* Cache of verified issuers; see issuer_cache.h. */
#include "endorse/poe/issuer_cache.h"

#include "base/arena.h"

struct slot {
    uint8_t id[32];
    uint64_t used; /* tick of the last use; 0: empty */
    struct issuer issuer;
};

struct issuer_cache {
    size_t slots;
    uint64_t tick;
    struct slot *slot;
};

size_t issuer_cache_size(size_t slots)
{
    size_t fixed = sizeof(struct issuer_cache) + 3 * 16; /* 16: greatest alignment, per object */
    return slots > (SIZE_MAX - fixed) / sizeof(struct slot) ? SIZE_MAX
                                                            : fixed + slots * sizeof(struct slot);
}

struct issuer_cache *issuer_cache_new(void *memory, size_t slots)
{
    struct arena a = arena_new(memory, issuer_cache_size(slots));
    struct issuer_cache *c = ARENA_NEW(&a, struct issuer_cache);
    if (!c || slots == 0)
        return NULL;
    c->slots = slots;
    c->slot = ARENA_ARRAY(&a, slots, struct slot);
    return c->slot ? c : NULL;
}

void issuer_cache_free(struct issuer_cache *cache)
{
    for (size_t i = 0; cache && i < cache->slots; i++) {
        verify_key_free(cache->slot[i].issuer.key);
        cache->slot[i] = (struct slot){.used = 0};
    }
}

const struct issuer *issuer_cache_find(struct issuer_cache *cache, const uint8_t id[32])
{
    for (size_t i = 0; i < cache->slots; i++) {
        struct slot *s = &cache->slot[i];
        if (!s->used || memcmp(s->id, id, sizeof s->id) != 0)
            continue;
        s->used = ++cache->tick;
        return &s->issuer;
    }
    return NULL;
}

const struct issuer *issuer_cache_keep(struct issuer_cache *cache, const uint8_t id[32],
                                       const struct issuer *issuer)
{
    struct slot *oldest = cache->slot;
    for (size_t i = 0; i < cache->slots; i++) {
        struct slot *s = &cache->slot[i];
        if (s->used && memcmp(s->id, id, sizeof s->id) == 0) { /* never two of one chain */
            oldest = s;
            break;
        }
        if (s->used < oldest->used)
            oldest = s;
    }
    verify_key_free(oldest->issuer.key);
    memcpy(oldest->id, id, sizeof oldest->id);
    oldest->used = ++cache->tick;
    oldest->issuer = *issuer;
    return &oldest->issuer;
}
