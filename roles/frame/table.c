/* Printing of tables; see table.h. */
#include "frame/table.h"

#include "codec/json_out.h"
#include "frame/out.h"

#define ROOM 8192 /* bytes of a row in JSON */

static void members(struct json_out *o, const struct table_cell *v, size_t n)
{
    json_out_object(o);
    for (size_t i = 0; i < n; i++) {
        if (!v[i].name || (v[i].is == TABLE_IS_MAYBE && !v[i].text[0]))
            continue;
        if (v[i].is == TABLE_IS_NUM)
            json_out_pair_num(o, v[i].name, v[i].num);
        else if (v[i].is == TABLE_IS_BOOL)
            json_out_pair_bool(o, v[i].name, v[i].num);
        else
            json_out_pair_string(o, v[i].name, v[i].text);
    }
}

void table_begin(struct table *t, const struct table_cell *v, size_t n, const char *name)
{
    char text[ROOM];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    if (!t->json)
        return;
    members(&o, v, n);
    json_out_name(&o, name);
    json_out_array(&o);
    t->cut = !wr_ok(&w);
    out_bytes(wr_span(&w));
}

static void row_json(struct table *t, const struct table_cell *v, size_t n)
{
    char text[ROOM];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    members(&o, v, n);
    json_out_close(&o);
    t->cut = !json_out_end(&o) || t->cut;
    table_next(t);
    out_bytes(wr_span(&w));
}

void table_row(struct table *t, const struct table_cell *v, size_t n)
{
    if (t->json) {
        row_json(t, v, n);
        return;
    }
    table_next(t);
    for (size_t i = 0; i < n; i++) {
        if (!v[i].after)
            continue;
        if (v[i].is == TABLE_IS_NUM)
            out_print("%*lld%s", v[i].width, (long long)v[i].num, v[i].after);
        else
            out_print("%*s%s", v[i].width, v[i].text, v[i].after);
    }
}

void table_next(struct table *t)
{
    if (t->json && t->n)
        out_print(t->lines ? ",\n" : ",");
    t->n++;
}

bool table_end(const struct table *t)
{
    if (t->cut) {
        out_error("a row of the table does not fit its memory");
        out_hint("the output is incomplete: do not use it");
    } else if (t->json) {
        out_print("]}\n");
    }
    return !t->cut;
}
