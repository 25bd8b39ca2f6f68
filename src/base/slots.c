/* Slots of a cache; see slots.h. */
#include "base/slots.h"

size_t slots_room(size_t n, size_t head, size_t each)
{
    size_t fixed = head + 6 * 16; /* 16: greatest alignment; no cache has more than six objects */
    return n > (SIZE_MAX - fixed) / each ? SIZE_MAX : fixed + n * each;
}

bool slots_new(struct slots *s, size_t n, struct arena *a)
{
    *s = (struct slots){.v = ARENA_ARRAY(a, n, struct slot), .n = n};
    return s->v && n > 0;
}

bool slots_find(struct slots *s, const uint8_t id[32], size_t *at)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].used && memcmp(s->v[i].id, id, sizeof s->v[i].id) == 0) {
            s->v[i].used = ++s->tick;
            *at = i;
            return true;
        }
    return false;
}

size_t slots_claim(struct slots *s, const uint8_t id[32])
{
    size_t at = 0;
    if (slots_find(s, id, &at))
        return at;
    for (size_t i = 1; i < s->n; i++)
        if (s->v[i].used < s->v[at].used)
            at = i;
    memcpy(s->v[at].id, id, sizeof s->v[at].id);
    s->v[at].used = ++s->tick;
    return at;
}
