/* What goes out of the inventory into signed lists; see fleet.h. */
#include "base/text.h"
#include "provider/fleet/change.h"
#include "provider/fleet/fleet_lists.h"
#include "provider/fleet/store_seal.h"

#include <stdio.h>

#define TRIES 64 /* a number whose state others changed at once is given up for the next */

/* Numbers are of all lists of a kind; of a list of machines the newest of its site is kept, too. */
typedef char newest_name[FLEET_NAME + 16];

static const char *newest_of(newest_name name, const char *list, const char *site)
{
    snprintf(name, sizeof(newest_name), "%s%s%s", list, site ? " " : "", site ? site : "");
    return name;
}

/* next_number takes the number; *history is the row that says so. */
static bool next_number(struct fleet *f, const struct fleet_act *act, const char *list,
                        const char *site, struct fleet_snapshot *out, int64_t *history,
                        struct situs_err *err)
{
    newest_name name;
    char detail[120];
    struct fleet_act dated;
    bool urgent = strcmp(list, "revocation") == 0;
    if (!change_begin(f, act, urgent ? CHANGE_URGENT : CHANGE_USUAL, &dated, err))
        return false;
    bool ok =
        store_do(f, err,
                 "INSERT INTO counter VALUES (?1, 1) "
                 "ON CONFLICT (name) DO UPDATE SET value = counter.value + 1",
                 "t", list) &&
        store_number(f, err, &out->number, "SELECT value FROM counter WHERE name = ?1", "t", list);
    ok = ok && (!site || store_do(f, err,
                                  "INSERT INTO counter VALUES (?1, ?2) "
                                  "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                                  "tn", newest_of(name, list, site), out->number));
    snprintf(detail, sizeof detail, "%s number %lld", list, (long long)out->number);
    ok = ok && store_history(f, &dated, "export", NULL, detail, history, err);
    out->at = dated.at;
    return store_end_at_once(f, ok, err); /* else the other writers' turn comes before the look */
}

bool fleet_snapshot_begin(struct fleet *f, const struct fleet_act *act, const char *list,
                          const char *site, struct fleet_snapshot *out, struct situs_err *err)
{
    int64_t history = 0, last = -1;
    if (!change_name(list, "list", err) || (site && !change_name(site, "site", err)))
        return false;
    for (int i = 0; i < TRIES; i++) {
        bool ok = next_number(f, act, list, site, out, &history, err) && store_snapshot(f, err) &&
                  store_number(f, err, &last, "SELECT MAX(number) FROM history", "");
        bool taken = ok && last == history;
        if (taken && (f->checked = store_seal_check(f, err)))
            return true;
        ok = ok && !taken;
        store_end(f, false, err);
        if (!ok)
            return false;
    }
    err_fail(err, SITUS_NOT_ALLOWED, STORE_PART, "snapshot", SITUS_NO_OFFSET,
             "a moment without other writers", "none");
    return err_hint(err, "run the command again when the other writers have finished");
}

void fleet_snapshot_end(struct fleet *f)
{
    struct situs_err none = {0};
    store_end(f, false, &none);
}

bool fleet_publish_begin(struct fleet *f, const char *list, const char *site, int64_t number,
                         struct situs_err *err)
{
    newest_name name;
    int64_t newest = -1;
    if (!store_begin(f, err))
        return false;
    bool ok = store_number(f, err, &newest, "SELECT value FROM counter WHERE name = ?1", "t",
                           newest_of(name, list, site));
    if (ok && newest == number)
        return true;
    store_end(f, false, err);
    if (!ok)
        return false;
    err_fail(err, SITUS_OUT_OF_DATE, STORE_PART, "number", SITUS_NO_OFFSET, TEXT_NUM(newest),
             TEXT_NUM(number));
    return err_hint(err, "another export took a newer number meanwhile: run this one again");
}

void fleet_publish_end(struct fleet *f)
{
    fleet_snapshot_end(f);
}

bool fleet_revocations(struct fleet *f, const char *kind, size_t size, fleet_revoked_visit visit,
                       void *to, struct situs_err *err)
{
    sqlite3_stmt *s = store_bind(f, err,
                                 "SELECT kind, id, reason, at FROM revocation "
                                 "WHERE kind = ?1 AND length(id) = 2 * ?2 ORDER BY id",
                                 "tn", kind, (int64_t)size);
    bool more = s != NULL;
    while (more && store_next(f, s, err)) {
        struct fleet_revoked r = {store_column(s, 0), store_column(s, 1), store_column(s, 2),
                                  sqlite3_column_int64(s, 3)};
        more = visit(to, &r);
    }
    if (s)
        sqlite3_reset(s);
    return err->code == SITUS_NONE;
}

bool fleet_revocations_sizes(struct fleet *f, const char *kind, struct fleet_size *sizes,
                             size_t max, size_t *n, struct situs_err *err)
{
    sqlite3_stmt *s = store_bind(f, err,
                                 "SELECT length(id) / 2, COUNT(*) FROM revocation "
                                 "WHERE kind = ?1 GROUP BY length(id) ORDER BY length(id)",
                                 "t", kind);
    *n = 0;
    if (!s)
        return false;
    while (store_next(f, s, err)) {
        if (*n == max) {
            err_fail(err, SITUS_TOO_LONG, STORE_PART, "revocation", SITUS_NO_OFFSET,
                     "ids of fewer sizes", kind);
            break;
        }
        sizes[*n].size = (size_t)sqlite3_column_int64(s, 0);
        sizes[(*n)++].count = sqlite3_column_int64(s, 1);
    }
    sqlite3_reset(s);
    return err->code == SITUS_NONE;
}

bool fleet_newest(struct fleet *f, int64_t *number, struct situs_err *err)
{
    return store_number(f, err, number, "SELECT MAX(number) FROM history", "");
}

bool fleet_revoked_since(struct fleet *f, int64_t number, fleet_revoked_count visit, void *to,
                         struct situs_err *err)
{
    sqlite3_stmt *s = store_bind(f, err,
                                 "SELECT kind, COUNT(*) FROM revocation WHERE history > ?1 "
                                 "GROUP BY kind ORDER BY kind",
                                 "n", number);
    while (s && store_next(f, s, err))
        visit(to, store_column(s, 0), sqlite3_column_int64(s, 1));
    if (s)
        sqlite3_reset(s);
    return err->code == SITUS_NONE;
}

bool fleet_poes(struct fleet *f, fleet_poe_visit visit, void *to, struct situs_err *err)
{
    struct fleet_poe poe;
    sqlite3_stmt *s = store_bind(f, err,
                                 "SELECT i.piid, p.id, p.bytes FROM machine m "
                                 "JOIN instance i ON i.machine = m.name AND i.until IS NULL "
                                 "JOIN poe p ON p.id = (SELECT id FROM poe WHERE piid = i.piid "
                                 "ORDER BY not_after DESC, id LIMIT 1) "
                                 "WHERE m.status = 'enrolled' ORDER BY m.name",
                                 "");
    bool more = s != NULL;
    while (more && store_next(f, s, err)) {
        struct span hex = span_text(store_column(s, 2));
        poe.n = hex.n / 2;
        snprintf(poe.id, sizeof poe.id, "%s", store_column(s, 1));
        if (poe.n > sizeof poe.bytes || !text_hex_read(poe.bytes, poe.n, hex)) {
            err_fail(err, SITUS_MALFORMED, STORE_PART, "poe", SITUS_NO_OFFSET, "hex", poe.id);
            break;
        }
        more = visit(to, store_column(s, 0), &poe);
    }
    if (s)
        sqlite3_reset(s);
    return err->code == SITUS_NONE;
}
