/* The seal; see store_seal.h. */
#include "provider/fleet/store_seal.h"

#include "base/text.h"
#include "base/wr.h"
#include "crypto/digest.h"

#include <stdio.h>

#define COLUMNS 24 /* of a table */
#define SQL_ROOM 4096
#define COLUMNS_ROOM 1024
#define HEX 64

/* Tables whose rows never change: their own triggers say so. */
static const char *const grow_only[] = {"history", "revocation", "poe", "composition",
                                        "composition_prid"};

/* A row's digest: SHA-256 over the table's name and the columns, each as its type, its size in
 * eight bytes and its bytes; integers as eight bytes. */
struct row {
    uint8_t heads[COLUMNS + 1][9], numbers[COLUMNS + 1][8];
    struct span parts[2 * (COLUMNS + 1)];
    size_t n;
};

static void put(uint8_t out[8], uint64_t value)
{
    struct wr w = wr_new(out, 8);
    wr_u64be(&w, value);
}

static bool add(struct row *r, sqlite3_value *v)
{
    size_t i = r->n / 2;
    int type = sqlite3_value_type(v);
    struct span bytes = {NULL, 0};
    if (i > COLUMNS)
        return false;
    if (type == SQLITE_INTEGER) {
        put(r->numbers[i], (uint64_t)sqlite3_value_int64(v));
        bytes = SPAN_ARR(r->numbers[i]);
    } else if (type != SQLITE_NULL) {
        bytes.p = sqlite3_value_blob(v);
        bytes.n = (size_t)sqlite3_value_bytes(v);
    }
    r->heads[i][0] = (uint8_t)type;
    put(r->heads[i] + 1, bytes.n);
    r->parts[r->n++] = SPAN_ARR(r->heads[i]);
    r->parts[r->n++] = bytes;
    return true;
}

static bool sum(uint8_t total[32], const struct row *r)
{
    uint8_t hash[32];
    if (!digest_parts(HASH_SHA256, r->parts, r->n, hash))
        return false;
    for (size_t i = 0; i < sizeof hash; i++)
        total[i] ^= hash[i];
    return true;
}

/* situs_seal(digest, table, columns...) is the digest with this row in it, or without it. */
static void seal_function(sqlite3_context *c, int n, sqlite3_value **values)
{
    struct row r = {.n = 0};
    uint8_t total[32];
    char hex[HEX + 1];
    const unsigned char *before = n > 1 ? sqlite3_value_text(values[0]) : NULL;
    bool ok = before && text_hex_read(total, sizeof total, span_text((const char *)before));
    for (int i = 1; ok && i < n; i++)
        ok = add(&r, values[i]);
    if (ok && sum(total, &r))
        sqlite3_result_text(c, text_hex(hex, sizeof hex, SPAN_ARR(total)), HEX, SQLITE_TRANSIENT);
    else
        sqlite3_result_error(c, "the seal does not read", -1);
}

bool store_seal_function(struct fleet *f, struct situs_err *err)
{
    return sqlite3_create_function_v2(f->db, "situs_seal", -1,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                      seal_function, NULL, NULL, NULL) == SQLITE_OK ||
           store_fail(f, err);
}

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
        struct row r = {.n = 0};
        for (int i = 0; ok && i < n; i++)
            ok = add(&r, sqlite3_column_value(s, i));
        ok = ok && sum(total, &r);
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

bool store_seal_history(char out[65], const char *before, int64_t number,
                        const struct fleet_act *act, const char *action, const char *machine,
                        const char *detail)
{
    const char *const texts[] = {before, act->by, action, machine ? machine : "", detail};
    uint8_t numbers[2][8], hash[32];
    struct span parts[12] = {SPAN_ARR(numbers[0]), SPAN_ARR(numbers[1])};
    size_t n = 2;
    put(numbers[0], (uint64_t)number);
    put(numbers[1], (uint64_t)act->at);
    for (size_t i = 0; i < 5; i++) /* with their zero bytes, which no text has inside */
        parts[n++] = span_of(texts[i], strlen(texts[i]) + 1);
    bool ok = digest_parts(HASH_SHA256, parts, n, hash);
    text_hex(out, HEX + 1, SPAN_ARR(hash));
    return ok;
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
        ok = store_seal_history(digest, before, sqlite3_column_int64(s, 0), &act,
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
