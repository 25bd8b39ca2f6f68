/* The inventory's file: SQLite behind a few functions; the only users of sqlite3.h. */
#ifndef SITUS_PROVIDER_FLEET_STORE_H
#define SITUS_PROVIDER_FLEET_STORE_H

#include "provider/fleet/fleet.h"

#include <sqlite3.h>

/* The migrations of schema.sql in order, NULL last; made by tools/embed_sql.py. */
extern const char *const fleet_migrations[];

#define STORE_PART "fleet"
#define STORE_STATEMENTS 96

struct fleet {
    sqlite3 *db;
    int64_t waits_since; /* for another writer; milliseconds */
    bool checked;        /* by store_seal_check, since it was opened */
    bool held;           /* one transaction of many changes: fleet_hold */
    int64_t held_at;     /* the clock's time of all of them */
    struct {
        const char *sql; /* the literal itself is the key */
        sqlite3_stmt *stmt;
    } cache[STORE_STATEMENTS];
    size_t n;
};

/* store_open opens the file; create makes a new one. NULL and err on failure. */
struct fleet *store_open(const char *path, bool write, bool create, struct situs_err *err);
void store_close(struct fleet *f);

/* store_remove takes away a file that was begun, and what lies beside it. */
void store_remove(const char *path);

/* store_version is the number of the newest migration; 0: none. */
bool store_version(struct fleet *f, int64_t *version, struct situs_err *err);

/* store_newest is the number that this situs writes. */
int64_t store_newest(void);

/* store_migrate applies the migrations that the file lacks, in the caller's transaction. */
bool store_migrate(struct fleet *f, int64_t at, struct situs_err *err);

/* store_fail records the database's own error. */
bool store_fail(struct fleet *f, struct situs_err *err);

/* store_begin starts a transaction that may write, and waits for another writer; store_end commits
 * it when ok, else rolls it back; false when it was not committed. After a change it lets the other
 * writers have a turn; store_end_at_once does not. While the inventory is held (fleet_hold) both
 * only pass on. */
bool store_begin(struct fleet *f, struct situs_err *err);
bool store_end_at_once(struct fleet *f, bool ok, struct situs_err *err);

/* store_mark marks a place within the transaction; store_unmark forgets it and (keep false) all that
 * was done since. store_changes grows with every row that is written. */
bool store_mark(struct fleet *f, struct situs_err *err);
bool store_unmark(struct fleet *f, bool keep, struct situs_err *err);
int64_t store_changes(struct fleet *f);

/* store_snapshot starts a transaction that only reads: all reads in it see one state. */
bool store_snapshot(struct fleet *f, struct situs_err *err);
bool store_end(struct fleet *f, bool ok, struct situs_err *err);

/*
 * store_bind is the statement of this SQL literal with its arguments ?1, ?2 ... bound: a letter
 * each, t text (NULL: null; borrowed until the statement is reset), n int64_t. NULL and err on
 * failure. Reset it with sqlite3_reset.
 */
sqlite3_stmt *store_bind(struct fleet *f, struct situs_err *err, const char *sql, const char *types,
                         ...);

/* store_next steps to the next row; false at the end, or on failure (err). */
bool store_next(struct fleet *f, sqlite3_stmt *s, struct situs_err *err);

/* store_do runs a statement without rows. */
bool store_do(struct fleet *f, struct situs_err *err, const char *sql, const char *types, ...);

/* store_number is the first column of the first row; 0 when there is no row or it is null. */
bool store_number(struct fleet *f, struct situs_err *err, int64_t *out, const char *sql,
                  const char *types, ...);

/* store_text is the same for text, cut to size; "" when there is none. */
bool store_text(struct fleet *f, struct situs_err *err, char *out, size_t size, const char *sql,
                const char *types, ...);

/* store_column is a column as text, never NULL. */
const char *store_column(sqlite3_stmt *s, int i);

/* store_history adds a history row; *number (may be NULL) is its. */
bool store_history(struct fleet *f, const struct fleet_act *act, const char *action,
                   const char *machine, const char *detail, int64_t *number, struct situs_err *err);

#endif
