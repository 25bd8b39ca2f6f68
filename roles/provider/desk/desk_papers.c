/* Tables of machines; see desk_papers.h. */
#include "provider/desk/desk_papers.h"

#include "frame/file.h"
#include "provider/desk/desk_many.h"
#include "provider/fleet/csv.h"

#include <stdio.h>

static const char *const headers[] = {FLEET_CSV, "machine," FLEET_CSV_CLAIMS,
                                      FLEET_CSV "," FLEET_CSV_CLAIMS};
enum { GOODS, CLAIMS, BOTH, HEADERS };

static void progress(size_t rows)
{
    desk_progress("adding", (int64_t)rows, 0);
}

/* beside is the path of a file that a table names. */
static bool beside(char path[4096], const char *table, const char *name, struct situs_err *err)
{
    const char *slash = name[0] == '/' ? NULL : strrchr(table, '/');
    int n = slash ? (int)(slash - table) + 1 : 0;
    if (snprintf(path, 4096, "%.*s%s", n, table, name) < 4096)
        return true;
    return err_fail(err, SITUS_TOO_LONG, "CSV", "path", SITUS_NO_OFFSET, "a shorter path", NULL);
}

/* claim states what the row's machine says it is. */
static bool claim(struct fleet *f, const struct fleet_act *act, const struct desk_papers *p,
                  const struct csv *c, size_t first, struct situs_err *err)
{
    struct fleet_platform claims = {.machine = c->text[0]};
    const char *manifest = c->text[first], *receipt = c->text[first + 1], *pck = c->text[first + 2];
    char path[4096];
    if (manifest[0] && !receipt[0])
        claims.vouched_by = p->vouch;
    return (!manifest[0] ||
            (beside(path, p->path, manifest, err) && desk_manifest(&claims, path, err))) &&
           (!pck[0] ||
            (beside(path, p->path, pck, err) && desk_pck(&claims, path, p->trust, p->at, err))) &&
           (!receipt[0] || desk_receipt_hex(&claims, receipt, err)) &&
           fleet_add_platform(f, act, &claims, err);
}

static bool claims(struct fleet *f, const struct fleet_act *act, struct desk_papers *p,
                   struct span text, struct situs_err *err)
{
    struct csv c;
    size_t which = 0;
    bool ok = csv_begin(&c, text, headers, HEADERS, &which, err);
    size_t first = which == CLAIMS ? 1 : 5;
    while (ok && csv_next(&c, err)) {
        if (!c.text[first][0] && !c.text[first + 1][0] && !c.text[first + 2][0])
            continue;
        ok = claim(f, act, p, &c, first, err) || csv_at(&c, err);
        progress(++p->stated);
    }
    return ok && err->code == SITUS_NONE;
}

bool desk_papers_add(struct fleet *f, const struct fleet_act *act, struct desk_papers *p,
                     struct situs_err *err)
{
    struct file file = {0};
    struct csv c;
    size_t which = GOODS;
    bool ok = file_read(&file, p->path, DESK_CSV_MAX, err) &&
              csv_begin(&c, file_span(&file), headers, HEADERS, &which, err);
    p->claims = which != GOODS;
    if (ok && fleet_hold(f, act, err)) {
        ok = (which == CLAIMS ||
              fleet_add_csv(f, act, file_span(&file), &p->machines, progress, err)) &&
             (which == GOODS || claims(f, act, p, file_span(&file), err));
        bool kept = fleet_release(f, ok && !p->dry_run, err);
        ok = ok && (kept || p->dry_run);
    }
    file_free(&file);
    return ok && err->code == SITUS_NONE;
}
