/* Fuzzes the readers of what a service says of its machines: what is shown of it is text that commands nothing, and JSON. */
#include <assert.h>
#include <stdlib.h>

#include "codec/json/json.h"
#include "oracle.h"
#include "watch/watch_compare.h"
#include "watch/watch_history.h"

const char *const oracles[] = {"fleet", "compared", "history", "missing", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* shown says that a text has no control but the ends of lines. */
static void shown(const struct wr *w)
{
    assert(wr_ok(w));
    for (size_t i = 0; i < w->n; i++)
        assert(w->p[i] >= 0x20 || w->p[i] == '\n');
}

static void is_json(const struct wr *w)
{
    struct json_doc doc = {0};
    struct json root;
    struct situs_err err = {0};
    assert(json_read(&doc, &root, wr_span(w), "told", &err) || err.code == SITUS_TOO_LONG);
    json_free(&doc);
}

static void fleet(struct watch_fleet *f, void *room, size_t most)
{
    struct watch_view v[2] = {{.service = "a", .fleet = f, .now = f->at},
                              {.service = "b", .fleet = f, .now = f->at}};
    const struct watch_form form = {.lines = 9};
    struct watch_compared c;
    struct wr w = wr_new(room, most);
    watch_show_table(&w, v, &form);
    shown(&w);
    w = wr_new(room, most);
    watch_show_json(&w, v);
    is_json(&w);
    oracle_ran(0);
    assert(watch_compare(&c, v, 2));
    w = wr_new(room, most);
    watch_compare_text(&w, &c, v);
    shown(&w);
    w = wr_new(room, most);
    watch_compare_json(&w, &c, v);
    is_json(&w);
    if (f->n)
        oracle_ran(1);
    watch_compare_free(&c);
}

static void history(const struct watch_history *h, void *room, size_t most)
{
    struct wr w = wr_new(room, most);
    watch_history_text(&w, h, "a", "m");
    shown(&w);
    w = wr_new(room, most);
    watch_history_json(&w, h, "a", "m");
    is_json(&w);
    oracle_ran(watch_history_whole(h) ? 2 : 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct watch_fleet f = {.n = 0};
    struct watch_history h = {.n = 0};
    struct situs_err err = {0};
    bool more;
    size_t most = (size / 40 + 8) * 32768; /* a machine has 40 bytes, at least */
    void *room = malloc(most);
    assert(room);
    if (watch_read_fleet(&f, span_of(data, size), "list", &more, &err))
        fleet(&f, room, most);
    else
        assert(err.code);
    err = (struct situs_err){0};
    if (watch_read_history(&h, span_of(data, size), "events", &more, &err))
        history(&h, room, most);
    else
        assert(err.code);
    watch_read_fleet_free(&f);
    watch_read_history_free(&h);
    free(room);
    return 0;
}
