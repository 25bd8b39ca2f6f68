/* Many machines in one transaction; see desk_many.h. */
#include "provider/desk/desk_many.h"

#include "base/text.h"
#include "frame/file.h"
#include "frame/out.h"
#include "provider/fleet/csv.h"

#include <stdio.h>
#include <stdlib.h>

bool desk_many_ok(const struct desk_many *m, bool may_site)
{
    if (!m->machine + !m->csv + !m->site == 2)
        return true;
    out_error("say which machines: %s", may_site ? "--machine NAME, --csv FILE or --site NAME"
                                                 : "--machine NAME or --csv FILE");
    out_hint("one of them; a table has the column \"machine\" first");
    return false;
}

static struct desk_row *new_row(struct desk_rows *rows, struct situs_err *err)
{
    if (rows->n == rows->room) {
        size_t room = rows->room ? 2 * rows->room : 64;
        struct desk_row *v = realloc(rows->v, room * sizeof *v);
        if (!v) {
            err_fail(err, SITUS_NO_MEMORY, "fleet", "", SITUS_NO_OFFSET, NULL, NULL);
            return NULL;
        }
        rows->v = v;
        rows->room = room;
    }
    struct desk_row *row = &rows->v[rows->n++];
    memset(row, 0, sizeof *row);
    return row;
}

bool desk_rows_add(struct desk_rows *rows, const char *machine, struct situs_err *err)
{
    struct desk_row *row = new_row(rows, err);
    if (row)
        snprintf(row->machine, sizeof row->machine, "%s", machine);
    return row != NULL;
}

void desk_rows_free(struct desk_rows *rows)
{
    free(rows->v);
    memset(rows, 0, sizeof *rows);
}

/* take copies a row of the table; what is longer than a name is none. */
static bool take(struct desk_rows *rows, const struct csv *c, struct situs_err *err)
{
    struct desk_row *row = new_row(rows, err);
    char *to[3];
    if (!row)
        return false;
    to[0] = row->machine;
    to[1] = row->more[0];
    to[2] = row->more[1];
    row->line = c->line;
    for (size_t i = 0; i < c->columns && i < 3; i++) {
        if (strlen(c->text[i]) > FLEET_NAME)
            return csv_refuse(c, i == 0 ? "machine" : c->header, "at most 64 bytes in a cell",
                              c->text[i], err);
        memcpy(to[i], c->text[i], strlen(c->text[i]) + 1);
    }
    return true;
}

static bool read_table(struct desk_rows *rows, const char *path, const char *const *headers,
                       size_t n, struct situs_err *err)
{
    struct file file = {0};
    struct csv c;
    bool ok = file_read(&file, path, DESK_CSV_MAX, err) &&
              csv_begin(&c, file_span(&file), headers, n, &rows->header, err);
    while (ok && csv_next(&c, err))
        ok = take(rows, &c, err);
    file_free(&file);
    if (err->code != SITUS_NONE)
        return false;
    return rows->n > 0 || csv_refuse(&c, "machine", "one machine or more", "no row", err);
}

/* The walk over a site. */
struct walk {
    struct desk_rows *rows;
    struct situs_err *err;
};

static bool add_machine(void *to, const struct fleet_machine *m)
{
    struct walk *w = to;
    return m->status >= FLEET_RETIRED || desk_rows_add(w->rows, m->name, w->err);
}

static bool read_site(struct desk_rows *rows, struct fleet *f, const char *site,
                      struct situs_err *err)
{
    struct situs_err full = {0};
    struct walk w = {rows, &full};
    const struct fleet_filter filter = {.site = site, .status = -1};
    if (!fleet_list(f, &filter, add_machine, &w, err))
        return false;
    if (full.code != SITUS_NONE) {
        *err = full;
        return false;
    }
    if (rows->n > 0)
        return true;
    err_fail(err, SITUS_UNKNOWN, "fleet", "site", SITUS_NO_OFFSET, "a site with machines in use",
             site);
    return err_hint(err, "\"situs fleet list\" shows which machines stand where");
}

bool desk_rows_read(struct desk_rows *rows, struct fleet *f, const struct desk_many *m,
                    const char *const *headers, size_t n, struct situs_err *err)
{
    if (m->machine)
        return desk_rows_add(rows, m->machine, err);
    return m->csv ? read_table(rows, m->csv, headers, n, err) : read_site(rows, f, m->site, err);
}

bool desk_row_failed(const struct desk_row *row, struct situs_err *err)
{
    char field[80];
    if (row->line) {
        snprintf(field, sizeof field, "line %zu.%.50s", row->line, err->field);
        memcpy(err->field, field, sizeof field);
    }
    return false;
}

static bool apply(struct fleet *f, const struct fleet_act *act, const struct desk_rows *rows,
                  const struct desk_deed *deed, struct situs_err *err)
{
    for (size_t i = 0; i < rows->n; i++) {
        if (!deed->one(f, act, deed->to, rows, &rows->v[i], err))
            return desk_row_failed(&rows->v[i], err);
        desk_progress("machines", (int64_t)i + 1, (int64_t)rows->n);
    }
    return true;
}

int desk_many(struct fleet *f, const struct fleet_act *act, const struct desk_many *m,
              const struct desk_rows *rows, const struct desk_deed *deed, bool json)
{
    struct situs_err err = {0};
    struct desk_revoked revoked = {.n = 0};
    struct fleet_machine machine;
    int64_t before = 0;
    bool single = m->machine && !m->dry_run;
    if (!fleet_hold(f, act, &err))
        return desk_failed(&err);
    bool ok = fleet_newest(f, &before, &err) && apply(f, act, rows, deed, &err) &&
              fleet_revoked_since(f, before, desk_revoked_count, &revoked, &err) &&
              (!single || fleet_machine_get(f, m->machine, &machine, &err));
    bool released = fleet_release(f, ok && !m->dry_run, &err);
    if (!ok || (!released && !m->dry_run))
        return desk_failed(&err);
    if (single)
        desk_machine(&machine, &revoked, json);
    else
        desk_many_done(rows->n, deed->done, &revoked, m->dry_run, json);
    if (single && json)
        out_print("\n");
    return EXIT_GOOD;
}
