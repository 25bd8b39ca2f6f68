/* Supplier's papers as CSV; see fleet_add_csv. */
#include "base/text.h"
#include "provider/fleet/change.h"
#include "provider/fleet/csv.h"

#define PROGRESS 4096

static bool prids(struct fleet_goods *g, const struct csv *r, struct situs_err *err)
{
    const char *p = r->text[2];
    while (*p) {
        size_t n = strcspn(p, " ");
        if (n != 32 || g->n_prids == FLEET_PACKAGES)
            return csv_refuse(r, "prids", "at most 32 of 32 hex digits, one space between", p, err);
        memcpy(g->prid[g->n_prids], p, 32);
        g->prid[g->n_prids++][32] = 0;
        p += n;
        if (*p == ' ' && *++p == 0)
            return csv_refuse(r, "prids", "no space at the end", NULL, err);
    }
    return true;
}

static bool goods(struct fleet_goods *g, const struct csv *r, struct situs_err *err)
{
    const char *class = r->text[4];
    memset(g, 0, sizeof *g);
    g->machine = r->text[0];
    g->site = r->text[1];
    if (!prids(g, r, err))
        return false;
    if (r->text[3][0] && strlen(r->text[3]) != 64)
        return csv_refuse(r, "ek", "64 hex digits or nothing", r->text[3], err);
    memcpy(g->ek, r->text[3], strlen(r->text[3]) + 1);
    g->vtpm = strcmp(class, "vtpm") == 0;
    if (strcmp(class, g->ek[0] ? (g->vtpm ? "vtpm" : "dtpm") : "") != 0)
        return csv_refuse(r, "class", g->ek[0] ? "dtpm or vtpm" : "nothing, as ek", class, err);
    return true;
}

static bool rows_of(struct fleet *f, const struct fleet_act *act, struct span text,
                    struct fleet_counted *n, void (*progress)(size_t rows), struct situs_err *err)
{
    static const char *const headers[] = {FLEET_CSV, FLEET_CSV "," FLEET_CSV_CLAIMS};
    struct csv r;
    struct fleet_goods g;
    enum change_did did;
    size_t which;
    if (!csv_begin(&r, text, headers, 2, &which, err))
        return false;
    while (csv_next(&r, err)) {
        if (!goods(&g, &r, err))
            return false;
        if (!change_goods(f, act, &g, &did, err))
            return csv_at(&r, err);
        n->added += did == CHANGE_ADDED;
        n->changed += did == CHANGE_CHANGED;
        n->there += did == CHANGE_NOTHING;
        if (progress && r.line % PROGRESS == 0)
            progress(r.line);
    }
    return err->code == SITUS_NONE;
}

bool fleet_add_csv(struct fleet *f, const struct fleet_act *act, struct span csv,
                   struct fleet_counted *n, void (*progress)(size_t rows), struct situs_err *err)
{
    struct fleet_act dated;
    *n = (struct fleet_counted){0};
    return change_begin(f, act, CHANGE_USUAL, &dated, err) &&
           store_end(f, rows_of(f, &dated, csv, n, progress, err), err);
}
