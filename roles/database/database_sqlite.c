/* SQLite, for one replica; see database.h. A write-ahead log with synchronous FULL: what was committed is on the disk
 * (https://www.sqlite.org/pragma.html#pragma_synchronous). */
#include "database/database.h"

#include "base/text.h"
#include "frame/out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x53495453 /* "SITS": tells our files from other databases */

#define KEPT 32 /* statements that were prepared */

struct connection {
    sqlite3 *db;
    sqlite3_stmt *kept[KEPT];
    size_t next;             /* to give way */
    sqlite3_stmt *statement; /* that runs, of those; NULL: none */
    const char *path;
    struct stat file; /* which it was when it was opened */
};

static bool fail(struct connection *c, struct situs_err *err)
{
    return database_fail(c->db ? sqlite3_errmsg(c->db) : "no memory", err);
}

static void end_statement(struct connection *c)
{
    if (!c->statement)
        return;
    sqlite3_reset(c->statement);
    sqlite3_clear_bindings(c->statement);
    c->statement = NULL;
}

/* prepare takes the statement of this text, made when it is asked for first; the eldest gives way to it. */
static bool prepare(struct connection *c, const char *sql, struct situs_err *err)
{
    for (size_t i = 0; i < KEPT && c->kept[i]; i++)
        if (strcmp(sqlite3_sql(c->kept[i]), sql) == 0) {
            c->statement = c->kept[i];
            return true;
        }
    if (sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &c->statement, NULL) !=
        SQLITE_OK)
        return fail(c, err);
    sqlite3_finalize(c->kept[c->next]);
    c->kept[c->next] = c->statement;
    c->next = (c->next + 1) % KEPT;
    return true;
}

static bool run(struct connection *c, const char *sql, struct situs_err *err)
{
    return sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(c, err);
}

/* is_there says that the path leads to the file that is open: one that was taken away takes every write, for nobody. */
static bool is_there(const struct connection *c, struct situs_err *err)
{
    struct stat st;
    return (stat(c->path, &st) == 0 && st.st_dev == c->file.st_dev &&
            st.st_ino == c->file.st_ino) ||
           database_fail("the file is not there any more", err);
}

static bool ask(void *connection, const char *sql, const char *const *values, size_t n,
                struct situs_err *err)
{
    struct connection *c = connection;
    end_statement(c);
    if (!is_there(c, err))
        return false;
    if (!values)
        return run(c, sql, err);
    if (!prepare(c, sql, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        char name[25] = "$";
        text_num(name + 1, (int64_t)i + 1);
        int place = sqlite3_bind_parameter_index(c->statement, name);
        if (sqlite3_bind_text(c->statement, place, values[i], -1, SQLITE_TRANSIENT) != SQLITE_OK)
            return fail(c, err);
    }
    if (sqlite3_column_count(c->statement) > 0)
        return true;
    bool done = sqlite3_step(c->statement) == SQLITE_DONE || fail(c, err);
    end_statement(c);
    return done;
}

static bool next(void *connection, struct situs_err *err)
{
    struct connection *c = connection;
    int code = c->statement ? sqlite3_step(c->statement) : SQLITE_DONE;
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        fail(c, err);
    end_statement(c);
    return false;
}

static const char *column(void *connection, int i)
{
    struct connection *c = connection;
    const unsigned char *text = sqlite3_column_text(c->statement, i);
    return text ? (const char *)text : "";
}

static void close_it(void *connection)
{
    struct connection *c = connection;
    end_statement(c);
    for (size_t i = 0; i < KEPT; i++)
        sqlite3_finalize(c->kept[i]);
    sqlite3_close(c->db);
    free(c);
}

static bool number(struct connection *c, const char *sql, int64_t *out, struct situs_err *err)
{
    const char *const none[1] = {NULL};
    *out = 0;
    if (!ask(c, sql, none, 0, err))
        return false;
    if (next(c, err))
        *out = strtoll(column(c, 0), NULL, 10);
    end_statement(c);
    return err->code == SITUS_NONE;
}

/* is_ours says that the file is a database of the service, or is_new: empty. */
static bool is_ours(struct connection *c, bool *is_new, struct situs_err *err)
{
    int64_t id = 0, tables = 0;
    bool reads = number(c, "PRAGMA application_id", &id, err) &&
                 number(c, "SELECT COUNT(*) FROM sqlite_master", &tables, err);
    if (!reads && sqlite3_errcode(c->db) != SQLITE_NOTADB)
        return false;
    *err = (struct situs_err){0};
    *is_new = reads && id == 0 && tables == 0;
    if (*is_new || (reads && id == APPLICATION_ID))
        return true;
    err_fail(err, SITUS_UNKNOWN, c->path, "", SITUS_NO_OFFSET, "a database of the service",
             "another");
    return err_hint(err, "name a file of its own: it is made where there is none");
}

/* make_ours does that of one that is new. */
static bool make_ours(struct connection *c, struct situs_err *err)
{
    bool is_new;
    if (!is_ours(c, &is_new, err))
        return false;
    if (!is_new)
        return true;
    out_note("%s is a new database: no number of a list was seen before", c->path);
    return run(c, "PRAGMA application_id = 0x53495453", err); /* APPLICATION_ID */
}

/* open_file opens a regular file, made where it is to be; SQLite would wait for ever for who writes into a pipe. */
static bool open_file(struct connection *c, bool create, struct situs_err *err)
{
    int fd = open(c->path, O_RDWR | O_CLOEXEC | O_NONBLOCK | (create ? O_CREAT : 0), 0600);
    bool ok = fd != -1 && fstat(fd, &c->file) == 0;
    if (!ok || !S_ISREG(c->file.st_mode))
        database_fail(ok ? "it is no regular file" : strerror(errno), err);
    if (fd != -1)
        close(fd);
    return ok && S_ISREG(c->file.st_mode);
}

static void *open_it(const char *where, bool create, struct situs_err *err)
{
    struct connection *c = calloc(1, sizeof *c);
    if (!c) {
        database_fail("no memory", err);
        return NULL;
    }
    c->path = where;
    if (open_file(c, create, err)) {
        bool ok = sqlite3_open_v2(where, &c->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK ||
                  fail(c, err);
        if (ok) {
            sqlite3_busy_timeout(c->db, DATABASE_MS);
            sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        }
        if (ok && make_ours(c, err) &&
            run(c,
                "PRAGMA trusted_schema = OFF; PRAGMA journal_mode = WAL; PRAGMA synchronous = "
                "FULL; "
                "PRAGMA cache_size = -65536; " /* KiB, of which as many are taken as are needed */
                "PRAGMA wal_autocheckpoint = 8192", /* pages: 32 MiB */
                err))
            return c;
    }
    close_it(c);
    return NULL;
}

/* uri_of writes the file's URI (https://www.sqlite.org/uri.html): immutable, so that no file is made beside it and none is
 * locked. What a running service has not written back yet is not seen. */
static bool uri_of(char *to, size_t size, const char *path)
{
    size_t n = (size_t)snprintf(to, size, "file:");
    for (; *path && n + 4 < size; path++)
        n += (size_t)snprintf(to + n, size - n, strchr("%?#", *path) ? "%%%02x" : "%c", *path);
    return !*path && snprintf(to + n, size - n, "?immutable=1") < (int)(size - n);
}

static void *look(const char *where, struct situs_err *err)
{
    char uri[3 * PATH_MAX];
    bool is_new;
    struct connection *c = calloc(1, sizeof *c);
    if (!c || !uri_of(uri, sizeof uri, where)) {
        database_fail("no memory", err);
        free(c);
        return NULL;
    }
    c->path = where;
    if (open_file(c, false, err) &&
        (sqlite3_open_v2(uri, &c->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) == SQLITE_OK ||
         fail(c, err)) &&
        is_ours(c, &is_new, err))
        return c;
    close_it(c);
    return NULL;
}

const struct database_kind database_sqlite = {.begin = "BEGIN IMMEDIATE",
                                              .open = open_it,
                                              .look = look,
                                              .close = close_it,
                                              .ask = ask,
                                              .next = next,
                                              .column = column};
