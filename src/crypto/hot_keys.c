/* Which keys have earned a table; see hot_keys.h. */
#include "crypto/hot_keys.h"

#include "base/arena.h"
#include "crypto/ecdsa.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#define KEYS 32
/* Signatures after which a table has cost no more than it would have saved. */
#define EARNED_P256 768
#define EARNED_P384 8
/* A key keeps its place while it comes once in so many uses of any: more keys than there are places
 * do not push each other out before one has earned a table. */
#define PATIENCE 1024

struct hot_key {
    EC_KEY *key; /* NULL: free */
    struct ec_table *table;
    uint64_t last; /* tick of the last use */
    unsigned uses; /* since it came here, or its table could not be made */
};

struct hot_keys {
    struct hot_key v[KEYS];
    uint64_t tick;
};

size_t hot_keys_size(void)
{
    return sizeof(struct hot_keys) + _Alignof(max_align_t);
}

struct hot_keys *hot_keys_new(void *memory)
{
    struct arena a = arena_new(memory, hot_keys_size());
    return ARENA_NEW(&a, struct hot_keys);
}

static void clear(struct hot_key *k)
{
    EC_KEY_free(k->key);
    ec_table_free(k->table);
    *k = (struct hot_key){.key = NULL};
}

void hot_keys_free(struct hot_keys *hot)
{
    for (size_t i = 0; hot && i < KEYS; i++)
        clear(&hot->v[i]);
}

static int curve_of(const EC_KEY *key)
{
    return EC_GROUP_get_curve_name(EC_KEY_get0_group(key));
}

static bool same(const EC_KEY *a, const EC_KEY *b)
{
    return curve_of(a) == curve_of(b) &&
           EC_POINT_cmp(EC_KEY_get0_group(a), EC_KEY_get0_public_key(a), EC_KEY_get0_public_key(b),
                        NULL) == 0;
}

static struct hot_key *find(struct hot_keys *hot, const EC_KEY *key)
{
    for (size_t i = 0; i < KEYS; i++)
        if (hot->v[i].key && same(hot->v[i].key, key))
            return &hot->v[i];
    return NULL;
}

const struct ec_table *hot_keys_table(struct hot_keys *hot, const EC_KEY *key)
{
    struct hot_key *k = find(hot, key);
    hot->tick++;
    if (!k)
        return NULL;
    k->last = hot->tick;
    return k->table;
}

/* A place for a key that has none: free, or of one that did not come for long; NULL: there is none.
 */
static struct hot_key *claim(struct hot_keys *hot, const EC_KEY *key)
{
    struct hot_key *k = &hot->v[0];
    for (size_t i = 1; i < KEYS; i++)
        if (hot->v[i].last < k->last)
            k = &hot->v[i];
    if (k->key && hot->tick - k->last <= PATIENCE)
        return NULL;
    clear(k);
    if (EC_KEY_up_ref((EC_KEY *)(uintptr_t)key) != 1)
        return NULL;
    *k = (struct hot_key){.key = (EC_KEY *)(uintptr_t)key, .last = hot->tick};
    return k;
}

void hot_keys_used(struct hot_keys *hot, const EC_KEY *key)
{
    struct hot_key *k = find(hot, key);
    k = k ? k : claim(hot, key);
    if (!k || k->table || ++k->uses < (curve_of(key) == NID_secp384r1 ? EARNED_P384 : EARNED_P256))
        return;
    k->uses = 0;
    k->table = ec_table_new(key);
}
