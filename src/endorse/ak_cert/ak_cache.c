/* Cache of verified AK certificates; see ak_cert.h. */
#include "endorse/ak_cert/ak_cache.h"

#include "base/slots.h"

/* What the lab's and Google's certificates say takes 150 to 250 bytes. */
#define EXTENSION_SIZE 512

struct kept_word {
    struct ak_word word;
    uint8_t extension[EXTENSION_SIZE];
};

struct ak_cache {
    struct slots slots;
    struct kept_word *kept;
};

size_t ak_cache_size(size_t slots)
{
    return slots_room(slots, sizeof(struct ak_cache),
                      sizeof(struct slot) + sizeof(struct kept_word));
}

struct ak_cache *ak_cache_new(void *memory, size_t slots)
{
    struct arena a = arena_new(memory, ak_cache_size(slots));
    struct ak_cache *c = ARENA_NEW(&a, struct ak_cache);
    if (!c || !slots_new(&c->slots, slots, &a))
        return NULL;
    c->kept = ARENA_ARRAY(&a, slots, struct kept_word);
    return c->kept ? c : NULL;
}

const struct ak_word *ak_cache_find(struct ak_cache *cache, const uint8_t id[32])
{
    size_t i;
    return slots_find(&cache->slots, id, &i) ? &cache->kept[i].word : NULL;
}

void ak_cache_keep(struct ak_cache *cache, const uint8_t id[32], const struct ak_word *word)
{
    if (word->extension.n > EXTENSION_SIZE)
        return;
    struct kept_word *kept = &cache->kept[slots_claim(&cache->slots, id)];
    kept->word = *word;
    kept->word.extension.p = kept->extension;
    if (word->extension.n)
        memcpy(kept->extension, word->extension.p, word->extension.n);
}
