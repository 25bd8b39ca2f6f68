/* Which of a fixed number of slots holds what: identities by SHA-256; the oldest use makes room.
 * What the slots hold lies with the cache, so that a search reads few bytes. */
#ifndef SITUS_BASE_SLOTS_H
#define SITUS_BASE_SLOTS_H

#include "base/arena.h"

struct slot {
    uint8_t id[32];
    uint64_t used; /* tick of the last use; 0: empty */
};

struct slots {
    struct slot *v;
    size_t n;
    uint64_t tick;
};

/* slots_room is the bytes that an arena needs for a cache of n slots: head once, each n times, and
 * what alignment takes; SIZE_MAX when they cannot be counted. */
size_t slots_room(size_t n, size_t head, size_t each);

/* slots_new takes n empty slots, at least one, from the arena; false when it is full or n is 0. */
bool slots_new(struct slots *s, size_t n, struct arena *a);

/* slots_find says that a slot has this identity, and which; that is a use. */
bool slots_find(struct slots *s, const uint8_t id[32], size_t *at);

/* slots_claim gives the identity the slot that has it, else an empty one, else that of the oldest
 * use: what that one held is the caller's to release. */
size_t slots_claim(struct slots *s, const uint8_t id[32]);

#endif
