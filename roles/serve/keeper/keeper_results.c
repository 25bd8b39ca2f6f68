/* Tokens that are kept; see keeper_results.h. */
#include "serve/keeper/keeper_results.h"

#include <string.h>
#include <unistd.h>

void keeper_results_new(struct keeper_results *r)
{
    r->next = 0;
    for (size_t i = 0; i < KEEPER_RESULTS; i++)
        r->v[i].token = -1;
}

static void drop(struct keeper_results *r, size_t i)
{
    if (r->v[i].token != -1)
        close(r->v[i].token);
    r->v[i].token = -1;
}

void keeper_results_add(struct keeper_results *r, const uint8_t id[16], int token)
{
    drop(r, r->next);
    memcpy(r->v[r->next].id, id, 16);
    r->v[r->next].token = token;
    r->next = (r->next + 1) % KEEPER_RESULTS;
}

/* at is where the token of a session is kept; KEEPER_RESULTS: nowhere. */
static size_t at(const struct keeper_results *r, const uint8_t id[16])
{
    size_t i = 0;
    while (i < KEEPER_RESULTS && (r->v[i].token == -1 || memcmp(r->v[i].id, id, 16) != 0))
        i++;
    return i;
}

int keeper_results_find(const struct keeper_results *r, const uint8_t id[16])
{
    size_t i = at(r, id);
    return i < KEEPER_RESULTS ? r->v[i].token : -1;
}

void keeper_results_drop(struct keeper_results *r, const uint8_t id[16])
{
    size_t i = at(r, id);
    if (i < KEEPER_RESULTS)
        drop(r, i);
}

void keeper_results_free(struct keeper_results *r)
{
    for (size_t i = 0; i < KEEPER_RESULTS; i++)
        drop(r, i);
}
