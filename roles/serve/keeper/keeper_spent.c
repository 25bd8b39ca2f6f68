/* Sessions that were answered; see keeper_spent.h. */
#include "serve/keeper/keeper_spent.h"

#include "serve/keeper/keeper_nonce.h"

#include <stdlib.h>
#include <string.h>

#define ROOM ((size_t)2 * KEEPER_SPENT_MOST)

bool keeper_spent_new(struct keeper_spent *s)
{
    *s = (struct keeper_spent){.ids = calloc(1, sizeof *s->ids)};
    return s->ids != NULL;
}

void keeper_spent_free(struct keeper_spent *s)
{
    free(s->ids);
    *s = (struct keeper_spent){.ids = NULL};
}

/* place_of is where the id stands in a generation, or where it would. At most three in four of the places are taken. */
static uint8_t *place_of(const struct keeper_spent *s, int generation, const uint8_t id[16])
{
    static const uint8_t none[16];
    size_t i;
    memcpy(&i, id, sizeof i);
    for (i %= ROOM;; i = (i + 1) % ROOM) {
        uint8_t *at = (*s->ids)[generation][i];
        if (memcmp(at, id, 16) == 0 || memcmp(at, none, 16) == 0)
            return at;
    }
}

/* turn begins a new generation once the elder's ids are all of N that ended. */
static void turn(struct keeper_spent *s, int64_t now)
{
    if (now - s->since <= KEEPER_NONCE_SECONDS)
        return;
    s->young = !s->young;
    memset((*s->ids)[s->young], 0, sizeof(*s->ids)[s->young]);
    s->n = 0;
    s->since = now;
}

enum keeper_spent_word keeper_spent_take(struct keeper_spent *s, const uint8_t id[16], int64_t now,
                                         size_t most)
{
    turn(s, now);
    uint8_t *at = place_of(s, s->young, id);
    if (memcmp(at, id, 16) == 0 || memcmp(place_of(s, !s->young, id), id, 16) == 0)
        return KEEPER_SPENT_AGAIN;
    if (s->n >= most)
        return KEEPER_SPENT_FULL;
    memcpy(at, id, 16);
    s->n++;
    return KEEPER_SPENT_NEW;
}

bool keeper_spent_is(const struct keeper_spent *s, const uint8_t id[16])
{
    return memcmp(place_of(s, 0, id), id, 16) == 0 || memcmp(place_of(s, 1, id), id, 16) == 0;
}
