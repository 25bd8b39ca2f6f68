/* SQLite; see store.h. A write-ahead log with synchronous FULL: a commit is on disk before it is
 * answered (https://www.sqlite.org/pragma.html#pragma_synchronous), and a reader that takes its
 * time never keeps an operator from reporting a theft. */
#include "provider/fleet/store.h"

#include "base/text.h"
#include "base/wr.h"
#include "provider/fleet/store_digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUSY_MS 15000
#define LOOK_US 1000  /* between two looks whether another writer has finished */
#define YIELD_US 2000 /* after a change: whoever waits has looked by then, and is not starved */
#define APPLICATION_ID 0x53495455 /* "SITU": tells our files from other databases */

static bool run(struct fleet *f, const char *sql, struct situs_err *err)
{
    return sqlite3_exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_fail(f, err);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* busy waits for another writer. SQLite's own handler looks less and less often, so that of several
 * busy writers one waits for ever. */
static int busy(void *to, int n)
{
    struct fleet *f = to;
    if (n == 0)
        f->waits_since = now_ms();
    usleep(LOOK_US);
    return now_ms() - f->waits_since < BUSY_MS;
}

/* settings holds what every connection needs. */
static bool settings(struct fleet *f, bool write, struct situs_err *err)
{
    sqlite3_busy_handler(f->db, busy, f);
    sqlite3_db_config(f->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_extended_result_codes(f->db, 1);
    return (store_digest_function(f->db) || store_fail(f, err)) &&
           run(f,
               "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;"
               "PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16384;",
               err) &&
           (!write || run(f, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", err));
}

static void forget(struct fleet *f)
{
    for (size_t i = 0; i < f->n; i++)
        sqlite3_finalize(f->cache[i].stmt);
    f->n = 0;
}

/* still_uri names a file that nobody writes, for SQLite (https://www.sqlite.org/uri.html). */
static bool still_uri(char *uri, size_t room, const char *path)
{
    struct wr w = wr_new(uri, room);
    wr_text(&w, "file:");
    for (const uint8_t *p = (const uint8_t *)path; *p; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || strchr("._-", *p) ||
                     (*p == '/' && (p == (const uint8_t *)path || p[-1] != '/'));
        if (plain) {
            wr_u8(&w, *p);
        } else {
            wr_text(&w, "%");
            wr_hex(&w, span_of(p, 1));
        }
    }
    wr_text(&w, "?immutable=1");
    wr_u8(&w, 0);
    return wr_ok(&w);
}

/* connect opens the database. One that is only read may lie where nothing can be written, which
 * SQLite's log wants to: without a log beside it, it is read as it is. */
static bool connect(struct fleet *f, const char *path, bool write, struct situs_err *err)
{
    char uri[4096 * 3], log[4096];
    struct stat st;
    int64_t n;
    struct situs_err why = {0};
    int flags = write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    if (sqlite3_open_v2(path, &f->db, flags, NULL) != SQLITE_OK)
        return store_fail(f, err);
    if (write || (settings(f, false, &why) &&
                  store_number(f, &why, &n, "SELECT COUNT(*) FROM sqlite_master", "")))
        return settings(f, write, err);
    snprintf(log, sizeof log, "%s-wal", path);
    if ((stat(log, &st) != 0 || st.st_size == 0) && still_uri(uri, sizeof uri, path)) {
        forget(f);
        sqlite3_close(f->db);
        if (sqlite3_open_v2(uri, &f->db, flags | SQLITE_OPEN_URI, NULL) != SQLITE_OK)
            return store_fail(f, err);
        return settings(f, false, err);
    }
    *err = why;
    return false;
}

/* file_ok says that what is there is a file: SQLite would wait for ever for who writes into a pipe. */
static bool file_ok(const char *path, struct situs_err *err)
{
    struct stat st;
    int why = stat(path, &st) == 0 ? 0 : errno;
    if (why == ENOENT) {
        err_fail(err, SITUS_MISSING, STORE_PART, "db", SITUS_NO_OFFSET, "an inventory at this path",
                 path);
        return err_hint(err, "check the path; \"situs fleet init\" makes a new one");
    }
    if (why || S_ISREG(st.st_mode)) /* what else is wrong, SQLite says */
        return true;
    err_fail(err, SITUS_UNKNOWN, STORE_PART, "db", SITUS_NO_OFFSET, "a regular file", path);
    return err_hint(err, "an inventory is a file; \"situs fleet init\" makes one");
}

struct fleet *store_open(const char *path, bool write, bool create, struct situs_err *err)
{
    struct fleet *f = calloc(1, sizeof *f);
    if (!f) {
        err_fail(err, SITUS_NO_MEMORY, STORE_PART, "", SITUS_NO_OFFSET, NULL, NULL);
        return NULL;
    }
    int fd = create ? open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600) : -1;
    if (create && fd < 0) {
        err_fail(err, SITUS_DUPLICATE, STORE_PART, "db", SITUS_NO_OFFSET,
                 "a path where a new file can be made", path);
        err_hint(err, "an inventory that exists is never overwritten; name another file");
        free(f);
        return NULL;
    }
    if (create)
        close(fd);
    bool ok = file_ok(path, err) && connect(f, path, write, err);
    int64_t id = 0;
    if (ok && !create)
        ok = store_number(f, err, &id, "PRAGMA application_id", "");
    if (ok && !create && id != APPLICATION_ID) {
        err_fail(err, SITUS_UNKNOWN, STORE_PART, "db", SITUS_NO_OFFSET, "a fleet inventory", path);
        ok = err_hint(err, "\"situs fleet init\" makes one");
    }
    if (ok)
        return f;
    store_close(f);
    if (create)
        store_remove(path);
    return NULL;
}

void store_close(struct fleet *f)
{
    if (!f)
        return;
    forget(f);
    sqlite3_close(f->db);
    free(f);
}

void store_remove(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char name[4096];
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (snprintf(name, sizeof name, "%s%s", path, suffixes[i]) < (int)sizeof name)
            unlink(name);
}

bool store_version(struct fleet *f, int64_t *version, struct situs_err *err)
{
    int64_t tables = 0;
    *version = 0;
    return store_number(f, err, &tables,
                        "SELECT COUNT(*) FROM sqlite_master WHERE name = 'migration'", "") &&
           (tables == 0 || store_number(f, err, version, "SELECT MAX(number) FROM migration", ""));
}

int64_t store_newest(void)
{
    int64_t n = 0;
    while (fleet_migrations[n])
        n++;
    return n;
}

bool store_migrate(struct fleet *f, int64_t at, struct situs_err *err)
{
    int64_t version = 0;
    bool ok = run(f, "PRAGMA application_id = 0x53495455", err) && /* APPLICATION_ID */
              store_version(f, &version, err);
    while (ok && fleet_migrations[version]) {
        ok = run(f, fleet_migrations[version], err);
        version++;
        ok = ok && store_do(f, err, "INSERT INTO migration VALUES (?1, ?2)", "nn", version, at);
    }
    return ok;
}

bool store_begin(struct fleet *f, struct situs_err *err)
{
    return f->held || run(f, "BEGIN IMMEDIATE", err);
}

bool store_snapshot(struct fleet *f, struct situs_err *err)
{
    return run(f, "BEGIN", err);
}

bool store_mark(struct fleet *f, struct situs_err *err)
{
    return run(f, "SAVEPOINT mark", err);
}

bool store_unmark(struct fleet *f, bool keep, struct situs_err *err)
{
    return (keep || run(f, "ROLLBACK TO mark", err)) && run(f, "RELEASE mark", err);
}

int64_t store_changes(struct fleet *f)
{
    return sqlite3_total_changes(f->db);
}

bool store_end_at_once(struct fleet *f, bool ok, struct situs_err *err)
{
    if (f->held)
        return ok;
    if (ok && run(f, "COMMIT", err))
        return true;
    if (!sqlite3_get_autocommit(f->db))
        sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

bool store_end(struct fleet *f, bool ok, struct situs_err *err)
{
    bool wrote = ok && !f->held && sqlite3_txn_state(f->db, NULL) == SQLITE_TXN_WRITE;
    if (!store_end_at_once(f, ok, err))
        return false;
    if (wrote)
        usleep(YIELD_US);
    return true;
}

static sqlite3_stmt *statement(struct fleet *f, const char *sql, struct situs_err *err)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->cache[i].sql == sql)
            return f->cache[i].stmt;
    sqlite3_stmt *s = NULL;
    if (f->n == STORE_STATEMENTS) {
        err_fail(err, SITUS_NO_MEMORY, STORE_PART, "statements", SITUS_NO_OFFSET, NULL, NULL);
        return NULL;
    }
    if (sqlite3_prepare_v3(f->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) != SQLITE_OK) {
        store_fail(f, err);
        return NULL;
    }
    f->cache[f->n].sql = sql;
    f->cache[f->n++].stmt = s;
    return s;
}

static sqlite3_stmt *bind(struct fleet *f, struct situs_err *err, const char *sql,
                          const char *types, va_list args)
{
    sqlite3_stmt *s = statement(f, sql, err);
    if (!s)
        return NULL;
    sqlite3_reset(s);
    for (int i = 0; types[i]; i++) {
        int code = types[i] == 't'
                       ? sqlite3_bind_text(s, i + 1, va_arg(args, const char *), -1, SQLITE_STATIC)
                       : sqlite3_bind_int64(s, i + 1, va_arg(args, int64_t));
        if (code != SQLITE_OK) {
            store_fail(f, err);
            return NULL;
        }
    }
    return s;
}

sqlite3_stmt *store_bind(struct fleet *f, struct situs_err *err, const char *sql, const char *types,
                         ...)
{
    va_list args;
    va_start(args, types);
    sqlite3_stmt *s = bind(f, err, sql, types, args);
    va_end(args);
    return s;
}

bool store_next(struct fleet *f, sqlite3_stmt *s, struct situs_err *err)
{
    int code = sqlite3_step(s);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        store_fail(f, err);
    return code == SQLITE_ROW;
}

bool store_do(struct fleet *f, struct situs_err *err, const char *sql, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    sqlite3_stmt *s = bind(f, err, sql, types, args);
    va_end(args);
    if (!s)
        return false;
    bool done = sqlite3_step(s) == SQLITE_DONE || store_fail(f, err);
    sqlite3_reset(s);
    return done;
}

bool store_number(struct fleet *f, struct situs_err *err, int64_t *out, const char *sql,
                  const char *types, ...)
{
    va_list args;
    va_start(args, types);
    sqlite3_stmt *s = bind(f, err, sql, types, args);
    va_end(args);
    *out = 0;
    if (!s)
        return false;
    if (store_next(f, s, err))
        *out = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return err->code == SITUS_NONE;
}

bool store_text(struct fleet *f, struct situs_err *err, char *out, size_t size, const char *sql,
                const char *types, ...)
{
    va_list args;
    va_start(args, types);
    sqlite3_stmt *s = bind(f, err, sql, types, args);
    va_end(args);
    out[0] = 0;
    if (!s)
        return false;
    if (store_next(f, s, err))
        text_cut(out, size, span_text(store_column(s, 0)));
    sqlite3_reset(s);
    return err->code == SITUS_NONE;
}

const char *store_column(sqlite3_stmt *s, int i)
{
    const unsigned char *text = sqlite3_column_text(s, i);
    return text ? (const char *)text : "";
}

bool store_history(struct fleet *f, const struct fleet_act *act, const char *action,
                   const char *machine, const char *detail, int64_t *number, struct situs_err *err)
{
    char before[65], digest[65];
    int64_t last = 0;
    if (!store_number(f, err, &last, "SELECT MAX(number) FROM history", "") ||
        !store_text(f, err, before, sizeof before, "SELECT digest FROM history WHERE number = ?1",
                    "n", last))
        return false;
    if (!store_digest_history(digest, before, last + 1, act, action, machine, detail))
        return err_fail(err, SITUS_INTERNAL, STORE_PART, "seal", SITUS_NO_OFFSET, NULL, NULL);
    if (number)
        *number = last + 1;
    return store_do(f, err, "INSERT INTO history VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", "nnttttt",
                    last + 1, act->at, act->by, action, machine, detail, digest);
}
