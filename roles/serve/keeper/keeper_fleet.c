/* The list of watched machines; see keeper_fleet.h. */
#include "serve/keeper/keeper_fleet.h"

#include "codec/json_out.h"
#include "serve/keeper/keeper.h"
#include "serve/world/machine_text.h"

#include <stdlib.h>

#define MACHINE_MAX 4096 /* bytes of one machine's text: ids and site are bounded */
#define TEXT_MAX ((KEEPER_FLEET_PAGE + 1) * MACHINE_MAX)

/* first is the place of the first machine whose name follows. */
static size_t first(const struct serve_machines *m, const char *after)
{
    size_t low = 0, high = m->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(m->v[middle].name, after) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* write_one writes a machine; false: who holds it is not known now. */
static bool write_one(struct keeper *k, size_t i, int64_t at, struct json_out *o)
{
    const struct serve_machine *m = &k->world->config.machines.v[i];
    struct situs_err err = {0};
    char text[MACHINE_MAX];
    struct wr w = wr_new(text, sizeof text);
    bool ours = keeper_machines_is_ours(k, i, &err);
    if (err.code)
        return false;
    machine_text_write(&w, m, ours ? &k->machines.v[i].row : NULL, at);
    if (!wr_ok(&w))
        return false;
    json_out_whole(o, wr_span(&w));
    return true;
}

static bool write_all(struct keeper *k, const char *after, int64_t at, struct wr *w)
{
    const struct serve_machines *m = &k->world->config.machines;
    struct json_out o = json_out_new(w, false);
    size_t i = first(m, after), end = m->n - i > KEEPER_FLEET_PAGE ? i + KEEPER_FLEET_PAGE : m->n;
    json_out_object(&o);
    json_out_pair_string(&o, "at", TEXT_TIME(at));
    json_out_name(&o, "machines");
    json_out_array(&o);
    for (; i < end; i++)
        if (!write_one(k, i, at, &o))
            return false;
    json_out_close(&o);
    json_out_pair_bool(&o, "more", end < m->n);
    json_out_close(&o);
    return json_out_end(&o);
}

int keeper_fleet_tell(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer)
{
    int64_t at;
    int fd = -1;
    if (!keeper_clock_read(&k->clock, &at))
        answer->status = TALK_CLOCK;
    else if (k->machines.n && !keeper_machines_ready(k))
        answer->status = TALK_NO_STORE;
    if (answer->status != TALK_DONE)
        return -1;
    uint8_t *text = malloc(TEXT_MAX);
    struct wr w = wr_new(text, text ? TEXT_MAX : 0);
    if (text && write_all(k, ask->machine, at, &w))
        fd = talk_memory(wr_span(&w).p, wr_span(&w).n);
    free(text);
    answer->descriptors = fd != -1;
    if (fd == -1)
        answer->status = text ? TALK_NO_STORE : TALK_INTERNAL;
    return fd;
}
