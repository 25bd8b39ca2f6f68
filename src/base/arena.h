/* A bump allocator over memory that the caller gave. It never grows; nothing is freed singly. */
#ifndef SITUS_BASE_ARENA_H
#define SITUS_BASE_ARENA_H

#include "base/span.h"

struct arena {
    uint8_t *p;
    size_t size, used;
};

/* arena_new is an arena over size bytes at memory. */
struct arena arena_new(void *memory, size_t size);

/* arena_take is n zeroed bytes, aligned for any type, or NULL when the arena is full. */
void *arena_take(struct arena *a, size_t n);

/* arena_array is count zeroed elements of size bytes, or NULL when full or the product
 * overflows. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* arena_copy copies s; its p is NULL (and n 0) when the arena is full. */
struct span arena_copy(struct arena *a, struct span s);

#define ARENA_NEW(a, type) ((type *)arena_take((a), sizeof(type)))
#define ARENA_ARRAY(a, count, type) ((type *)arena_array((a), (count), sizeof(type)))

#endif
