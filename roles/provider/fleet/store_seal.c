/* The seal; see store_seal.h. */
#include "provider/fleet/store_seal.h"

#include "base/text.h"
#include "provider/fleet/store_digest.h"

#include <stdio.h>

#define SQL_ROOM 4096
#define COLUMNS_ROOM 1024
#define HEX STORE_DIGEST_HEX

/* Tables whose rows never change: their own triggers say so. */
static const char *const grow_only[] = {"history", "revocation", "poe", "composition",
                                        "composition_prid"};

/* each calls what for every table but the seal's own, by name. */
static bool each(struct fleet *f,
                 bool (*what)(struct fleet *f, const char *table, void *to, struct situs_err *err),
                 void *to, struct situs_err *err)
{
    char names[32][32];
    size_t n = 0;
    sqlite3_stmt *s = store_bind(f, err,
                                 "SELECT name FROM sqlite_master WHERE type = 'table' "
                                 "AND name NOT LIKE 'sqlite%' AND name <> 'seal' ORDER BY name",
                                 "");
    if (!s)
        return false;
    while (n < 32 && store_next(f, s, err))
        snprintf(names[n++], sizeof names[0], "%s", store_column(s, 0));
    sqlite3_reset(s);
    bool ok = err->code == SITUS_NONE && n > 0 && n < 32;
    for (size_t i = 0; ok && i < n; i++)
        ok = what(f, names[i], to, err);
    return ok || (err->code == SITUS_NONE && err_fail(err, SITUS_INTERNAL, STORE_PART, "seal",
                                                      SITUS_NO_OFFSET, "1 to 31 tables", NULL));
}

/* columns writes ", OLD.a, OLD.b" of a table. */
static bool columns(struct fleet *f, const char *table, const char *of, char out[COLUMNS_ROOM],
                    struct situs_err *err)
{
    size_t n = 0;
    out[0] = 0;
    sqlite3_stmt *s =
        store_bind(f, err, "SELECT name FROM pragma_table_info(?1) ORDER BY cid", "t", table);
    if (!s)
        return false;
    while (n < COLUMNS_ROOM && store_next(f, s, err))
        n += (size_t)snprintf(out + n, COLUMNS_ROOM - n, ", %s.%s", of, store_column(s, 0));
    sqlite3_reset(s);
    return err->code == SITUS_NONE && n > 0 && n < COLUMNS_ROOM;
}

static bool trigger(struct fleet *f, const char *table, const char *when, const char *digest,
                    struct situs_err *err)
{
    char sql[SQL_ROOM];
    int n = snprintf(sql, sizeof sql,
                     "CREATE TRIGGER seal_%s_%s AFTER %s ON %s BEGIN "
                     "UPDATE seal SET digest = %s WHERE name = 'rows'; END",
                     table, when, when, table, digest);
    return n > 0 && n < (int)sizeof sql &&
           (sqlite3_exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_fail(f, err));
}

static bool make_triggers(struct fleet *f, const char *table, void *to, struct situs_err *err)
{
    char old[COLUMNS_ROOM], new[COLUMNS_ROOM], digest[SQL_ROOM / 4 * 3];
    bool changes = true;
    (void)to;
    for (size_t i = 0; i < sizeof grow_only / sizeof *grow_only; i++)
        changes &= strcmp(table, grow_only[i]) != 0;
    if (!columns(f, table, "OLD", old, err) || !columns(f, table, "NEW", new, err))
        return false;
    snprintf(digest, sizeof digest, "situs_seal(digest, '%.31s'%s)", table, new);
    if (!trigger(f, table, "insert", digest, err))
        return false;
    snprintf(digest, sizeof digest, "situs_seal(digest, '%.31s'%s)", table, old);
    if (!changes)
        return true;
    if (!trigger(f, table, "delete", digest, err))
        return false;
    snprintf(digest, sizeof digest, "situs_seal(situs_seal(digest, '%.31s'%s), '%.31s'%s)", table,
             old, table, new);
    return trigger(f, table, "update", digest, err);
}

static bool drop_triggers(struct fleet *f, const char *table, void *to, struct situs_err *err)
{
    static const char *const when[] = {"insert", "delete", "update"};
    char sql[120];
    (void)to;
    for (size_t i = 0; i < 3; i++) {
        snprintf(sql, sizeof sql, "DROP TRIGGER IF EXISTS seal_%s_%s", table, when[i]);
        if (sqlite3_exec(f->db, sql, NULL, NULL, NULL) != SQLITE_OK)
            return store_fail(f, err);
    }
    return true;
}

bool store_seal_drop(struct fleet *f, struct situs_err *err)
{
    return each(f, drop_triggers, NULL, err);
}

/* scan adds every row of a statement: its first column is the table's name. */
static bool scan(struct fleet *f, const char *sql, uint8_t total[32], struct situs_err *err)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(f->db, sql, -1, &s, NULL) != SQLITE_OK)
        return store_fail(f, err);
    int n = sqlite3_column_count(s);
    bool ok = true;
    while (ok && store_next(f, s, err)) {
        struct store_digest_row r = {.n = 0};
        for (int i = 0; ok && i < n; i++)
            ok = store_digest_add(&r, sqlite3_column_value(s, i));
        ok = ok && store_digest_sum(total, &r);
    }
    sqlite3_finalize(s);
    return err->code == SITUS_NONE &&
           (ok || err_fail(err, SITUS_INTERNAL, STORE_PART, "seal", SITUS_NO_OFFSET, NULL, NULL));
}

static bool scan_table(struct fleet *f, const char *table, void *to, struct situs_err *err)
{
    char sql[120];
    snprintf(sql, sizeof sql, "SELECT '%s', * FROM %s NOT INDEXED", table, table);
    return scan(f, sql, to, err);
}

/* digests are those of the rows and of the schema as they are. */
static bool digests(struct fleet *f, char rows[HEX + 1], char schema[HEX + 1],
                    struct situs_err *err)
{
    uint8_t of_rows[32] = {0}, of_schema[32] = {0};
    if (!each(f, scan_table, of_rows, err) ||
        !scan(f, "SELECT 'schema', type, name, tbl_name, sql FROM sqlite_master", of_schema, err))
        return false;
    text_hex(rows, HEX + 1, SPAN_ARR(of_rows));
    text_hex(schema, HEX + 1, SPAN_ARR(of_schema));
    return true;
}

static bool damaged(const char *what, const char *expected, const char *got, struct situs_err *err)
{
    err_fail(err, SITUS_MISMATCH, STORE_PART, what, SITUS_NO_OFFSET, expected, got);
    return err_hint(err, "the file is damaged and nothing was signed; restore the last good copy");
}

/* sound says that SQLite finds pages, tables and indexes to be of one another. */
static bool sound(struct fleet *f, struct situs_err *err)
{
    char word[100];
    if (!store_text(f, err, word, sizeof word, "PRAGMA integrity_check(1)", ""))
        return false;
    return strcmp(word, "ok") == 0 || damaged("seal", "a file without damage", word, err);
}

bool store_seal_make(struct fleet *f, struct situs_err *err)
{
    char rows[HEX + 1], schema[HEX + 1];
    return sound(f, err) && store_seal_drop(f, err) && each(f, make_triggers, NULL, err) &&
           digests(f, rows, schema, err) &&
           store_do(f, err, "INSERT OR REPLACE INTO seal VALUES ('rows', ?1), ('schema', ?2)", "tt",
                    rows, schema);
}

/* chained says that each row of the history that has a digest has the one over it and the row
 * before, and that none without comes after one with. */
static bool chained(struct fleet *f, struct situs_err *err)
{
    char before[HEX + 1] = "", digest[HEX + 1];
    sqlite3_stmt *s = store_bind(f, err,
                                 "SELECT number, at, operator, action, machine, detail, digest "
                                 "FROM history ORDER BY number",
                                 "");
    bool ok = s != NULL;
    while (ok && store_next(f, s, err)) {
        const struct fleet_act act = {.by = store_column(s, 2), .at = sqlite3_column_int64(s, 1)};
        const char *has = store_column(s, 6);
        if (!before[0] && !has[0])
            continue;
        ok = store_digest_history(digest, before, sqlite3_column_int64(s, 0), &act,
                                  store_column(s, 3), store_column(s, 4), store_column(s, 5)) &&
             strcmp(has, digest) == 0;
        if (!ok)
            damaged("seal", "a history that was not changed", TEXT_NUM(sqlite3_column_int64(s, 0)),
                    err);
        memcpy(before, digest, sizeof before);
    }
    if (s)
        sqlite3_reset(s);
    return err->code == SITUS_NONE;
}

static bool same(struct fleet *f, const char *name, const char *digest, struct situs_err *err)
{
    char has[HEX + 1];
    if (!store_text(f, err, has, sizeof has, "SELECT digest FROM seal WHERE name = ?1", "t", name))
        return false;
    return strcmp(has, digest) == 0 || damaged("seal", has[0] ? has : "a digest", digest, err);
}

bool store_seal_check(struct fleet *f, struct situs_err *err)
{
    char rows[HEX + 1], schema[HEX + 1];
    return sound(f, err) && digests(f, rows, schema, err) && same(f, "schema", schema, err) &&
           same(f, "rows", rows, err) && chained(f, err);
}
