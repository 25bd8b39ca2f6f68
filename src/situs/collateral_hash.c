/* SHA-256 of collateral; see collateral_hash.h. */
#include "situs/collateral_hash.h"

#include "base/item.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { UNKNOWN, WRITING, KNOWN };

struct collateral_hash {
    atomic_int state;
    uint8_t sha256[32]; /* read when KNOWN, written by who made it WRITING */
    size_t n;
    struct span items[];
};

size_t collateral_hash_size(size_t n)
{
    return sizeof(struct collateral_hash) + n * sizeof(struct span);
}

struct collateral_hash *collateral_hash_new(const struct situs_item *items, size_t n,
                                            struct arena *a, struct situs_err *err)
{
    if (n > LIMIT_COLLATERAL_PARTS) {
        err_fail(err, SITUS_TOO_LONG, "collateral", "items", SITUS_NO_OFFSET,
                 TEXT_NUM(LIMIT_COLLATERAL_PARTS), TEXT_NUM(n));
        return NULL;
    }
    struct collateral_hash *c = arena_take(a, collateral_hash_size(n));
    if (!c) {
        err_fail(err, SITUS_NO_MEMORY, "collateral", "memory", SITUS_NO_OFFSET,
                 "room for the snapshot", "none");
        return NULL;
    }
    atomic_init(&c->state, UNKNOWN);
    c->n = n;
    for (size_t i = 0; i < n; i++)
        c->items[i] = item_span(items[i]);
    return c;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static bool hash_all(const struct collateral_hash *c, uint8_t sha256[32])
{
    uint8_t each[LIMIT_COLLATERAL_PARTS][32];
    for (size_t i = 0; i < c->n; i++)
        if (!digest(HASH_SHA256, c->items[i], each[i]))
            return false;
    qsort(each, c->n, sizeof *each, by_bytes);
    if (c->n == 1)
        memcpy(sha256, each[0], 32);
    return c->n == 1 || digest(HASH_SHA256, span_of(each, c->n * sizeof *each), sha256);
}

/* Who asks while another writes has made his own, and does not wait. */
bool collateral_hash_get(struct collateral_hash *c, uint8_t sha256[32])
{
    int unknown = UNKNOWN;
    if (atomic_load(&c->state) == KNOWN) {
        memcpy(sha256, c->sha256, sizeof c->sha256);
        return true;
    }
    if (!hash_all(c, sha256))
        return false;
    if (atomic_compare_exchange_strong(&c->state, &unknown, WRITING)) {
        memcpy(c->sha256, sha256, sizeof c->sha256);
        atomic_store(&c->state, KNOWN);
    }
    return true;
}
