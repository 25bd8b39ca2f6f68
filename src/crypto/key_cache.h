/* Public keys ready to verify, by the SHA-256 of what they were made from, in a fixed number of
 * slots. A key is a function of those bytes, so there is nothing to ask anew at a hit. */
#ifndef SITUS_CRYPTO_KEY_CACHE_H
#define SITUS_CRYPTO_KEY_CACHE_H

#include "crypto/verify.h"

/* One cache belongs to one thread at a time. */
struct key_cache;

/* key_cache_size is the memory that so many slots need. */
size_t key_cache_size(size_t slots);

/* key_cache_new makes a cache of at least one slot in memory of that size. */
struct key_cache *key_cache_new(void *memory, size_t slots);

/* key_cache_free frees the keys that the cache holds; NULL is accepted. */
void key_cache_free(struct key_cache *cache);

/* key_cache_count: uses of the keys count in hot (hot_keys.h), which outlives the cache (NULL
 * is accepted); key_cache_hot is where they do, NULL: nowhere. */
void key_cache_count(struct key_cache *cache, struct hot_keys *hot);
struct hot_keys *key_cache_hot(const struct key_cache *cache);

/* key_cache_find is the key, to be freed with verify_key_free; NULL when it is not kept. */
struct public_key *key_cache_find(struct key_cache *cache, const uint8_t id[32]);

/* key_cache_keep holds the key too, in the slot of the oldest use. */
void key_cache_keep(struct key_cache *cache, const uint8_t id[32], struct public_key *key);

#endif
