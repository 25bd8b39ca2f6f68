/* Arena; see arena.h. */
#include "base/arena.h"

#include <stdalign.h>

struct arena arena_new(void *memory, size_t size)
{
    size_t skip = (size_t)(-(uintptr_t)memory % alignof(max_align_t));
    if (skip > size)
        skip = size;
    return (struct arena){(uint8_t *)memory + skip, size - skip, 0};
}

void *arena_take(struct arena *a, size_t n)
{
    size_t align = alignof(max_align_t), left = a->size - a->used;
    if (n > left)
        return NULL;
    uint8_t *p = a->p + a->used;
    size_t whole = (n + align - 1) / align * align;
    a->used += whole < left ? whole : left;
    return memset(p, 0, n);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return arena_take(a, count * size);
}

struct span arena_copy(struct arena *a, struct span s)
{
    uint8_t *p = arena_take(a, s.n);
    if (!p)
        return span_of(NULL, 0);
    if (s.n)
        memcpy(p, s.p, s.n);
    return span_of(p, s.n);
}
