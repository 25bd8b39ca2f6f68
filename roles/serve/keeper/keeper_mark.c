/* The mark; see keeper_mark.h. JSON: {"seen": [{"kind", "anchor", "subject", "facility", "number"}, ...]}. */
#include "serve/keeper/keeper_mark.h"

#include "codec/json/json.h"
#include "codec/json_out.h"
#include "frame/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MOST ((size_t)16 * 1024 * 1024)

static bool read_row(const struct json *v, struct serve_seen *row, struct situs_err *err)
{
    int64_t number = 0;
    *row = (struct serve_seen){.number = 0};
    bool ok = json_as_object(v, err) &&
              JSON_KNOWN(v, err, "kind", "anchor", "subject", "facility", "number") &&
              json_copy_text(v, "kind", row->kind, sizeof row->kind, err) &&
              json_copy_text(v, "anchor", row->anchor, sizeof row->anchor, err) &&
              json_copy_text(v, "subject", row->subject, sizeof row->subject, err) &&
              json_copy_text(v, "facility", row->facility, sizeof row->facility, err) &&
              json_get_num(v, "number", 1, INT64_MAX, &number, err);
    row->number = (uint64_t)number;
    return ok;
}

bool keeper_mark_read(const char *path, keeper_mark_row *take, void *own, struct situs_err *err)
{
    struct file f = {0};
    struct json_doc doc = {0};
    struct json root, list;
    struct serve_seen row;
    if (access(path, F_OK) != 0)
        return true;
    bool ok = file_read(&f, path, MOST, err) &&
              json_read(&doc, &root, file_span(&f), "mark", err) && json_as_object(&root, err) &&
              JSON_KNOWN(&root, err, "seen") && json_get_array(&root, "seen", &list, err);
    for (size_t i = 0; ok && i < json_count(&list); i++) {
        const struct json v = json_element(&list, i);
        ok = read_row(&v, &row, err);
        if (ok)
            take(own, &row);
    }
    json_free(&doc);
    file_free(&f);
    return ok || err_hint(err, "what was seen is not known without it: bring it back, or, to begin "
                               "with what the database has, take it away");
}

static void write_row(struct json_out *o, const char *const texts[4], uint64_t number)
{
    static const char *const names[] = {"kind", "anchor", "subject", "facility"};
    json_out_object(o);
    for (size_t i = 0; i < 4; i++)
        json_out_pair_string(o, names[i], texts[i]);
    json_out_pair_num(o, "number", (int64_t)number);
    json_out_close(o);
}

bool keeper_mark_write(const char *path, const struct serve_seen_set *seen,
                       const struct serve_dates *dates, const struct serve_config *c,
                       struct situs_err *err)
{
    uint8_t *room = malloc(MOST);
    struct wr w = wr_new(room, room ? MOST : 0);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_name(&o, "seen");
    json_out_array(&o);
    for (size_t i = 0; i < seen->n; i++) {
        const struct serve_seen *v = &seen->v[i];
        write_row(&o, (const char *[]){v->kind, v->anchor, v->subject, v->facility}, v->number);
    }
    for (size_t p = 0; p < c->n; p++)
        for (size_t i = 0; i < dates->n[p]; i++) {
            const struct serve_date *v = &dates->v[p][i];
            if (v->at > 0) /* as in the database */
                write_row(&o, (const char *[]){"date", c->policies[p].name, v->name, c->replica},
                          (uint64_t)v->at);
        }
    json_out_close(&o);
    json_out_close(&o);
    bool ok = json_out_end(&o)
                  ? file_write(path, wr_span(&w), err)
                  : err_fail(err, SITUS_NO_MEMORY, "mark", "", SITUS_NO_OFFSET, "memory", "none");
    free(room);
    return ok;
}
