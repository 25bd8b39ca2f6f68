/* SHA-256 of the collateral that a snapshot was loaded from, for the reports that name it: most
 * appraisals never say it, and it costs as much as half a signature. */
#ifndef SITUS_SITUS_COLLATERAL_HASH_H
#define SITUS_SITUS_COLLATERAL_HASH_H

#include "base/arena.h"
#include "base/err.h"
#include "situs.h"

struct collateral_hash;

/* collateral_hash_size is the memory that collateral_hash_new takes from an arena for n items. */
size_t collateral_hash_size(size_t n);

/* collateral_hash_new notes the items, whose bytes must outlive it; nothing is hashed yet. NULL and
 * err when there is no room, or more than LIMIT_COLLATERAL_PARTS. */
struct collateral_hash *collateral_hash_new(const struct situs_item *items, size_t n,
                                            struct arena *a, struct situs_err *err);

/* collateral_hash_get is that of one item; of several, of the items' own in ascending order. It is
 * kept when it is first asked for; any number of threads may ask at once. */
bool collateral_hash_get(struct collateral_hash *c, uint8_t sha256[32]);

#endif
