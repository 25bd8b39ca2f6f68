/* The service's database, of whatever kind; see database.h. */
#include "database/database.h"

#include "base/text.h"
#include "frame/file.h"

#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* The migrations of schema.sql in order, NULL last; made by tools/embed_sql.py. */
extern const char *const database_migrations[];

bool database_ask(struct database *d, struct situs_err *err, const char *sql, ...)
{
    const char *values[DATABASE_VALUES];
    size_t n = 0;
    va_list args;
    va_start(args, sql);
    while (n < DATABASE_VALUES && (values[n] = va_arg(args, const char *)))
        n++;
    va_end(args);
    return d->kind->ask(d->connection, sql, values, n, err);
}

bool database_next(struct database *d, struct situs_err *err)
{
    return d->kind->next(d->connection, err);
}

const char *database_column(struct database *d, int i)
{
    return d->kind->column(d->connection, i);
}

bool database_number(struct database *d, int64_t *out, struct situs_err *err)
{
    *out = 0;
    if (database_next(d, err))
        *out = strtoll(database_column(d, 0), NULL, 10);
    return err->code == SITUS_NONE;
}

bool database_begin(struct database *d, struct situs_err *err)
{
    return d->kind->ask(d->connection, d->kind->begin, NULL, 0, err);
}

bool database_end(struct database *d, bool ok, struct situs_err *err)
{
    struct situs_err ignored = {0};
    if (ok && d->kind->ask(d->connection, "COMMIT", NULL, 0, err))
        return true;
    d->kind->ask(d->connection, "ROLLBACK", NULL, 0, &ignored);
    return false;
}

static int64_t newest(void)
{
    int64_t n = 0;
    while (database_migrations[n])
        n++;
    return n;
}

/* version is the number of the newest migration; 0: none. */
static bool version(struct database *d, int64_t *out, struct situs_err *err)
{
    static const char *const tables[] = {
        "SELECT COUNT(*) FROM sqlite_master WHERE name = 'situs_migration'",
        "SELECT COUNT(*) FROM (SELECT to_regclass('situs_migration') AS t) AS x WHERE t IS NOT "
        "NULL"};
    return database_ask(d, err, tables[d->kind == &database_postgresql], NULL) &&
           database_number(d, out, err) &&
           (*out == 0 || (database_ask(d, err, "SELECT MAX(number) FROM situs_migration", NULL) &&
                          database_number(d, out, err)));
}

/* is_newer says that a newer situs wrote the schema. */
static bool is_newer(int64_t has, struct situs_err *err)
{
    if (has <= newest())
        return false;
    err_fail(err, SITUS_UNSUPPORTED, "database", "schema", SITUS_NO_OFFSET, TEXT_NUM(newest()),
             TEXT_NUM(has));
    return err_hint(err,
                    "a newer situs wrote it: run that one, or go back to a copy from before") ||
           true;
}

/* migrate brings the schema up to date; two replicas that start together do it in turn. */
static bool migrate(struct database *d, struct situs_err *err)
{
    int64_t has = 0;
    bool ok = database_begin(d, err) && version(d, &has, err) && !is_newer(has, err);
    for (; ok && database_migrations[has]; has++)
        ok = d->kind->ask(d->connection, database_migrations[has], NULL, 0, err) &&
             database_ask(d, err, "INSERT INTO situs_migration VALUES ($1, $2)", TEXT_NUM(has + 1),
                          TEXT_NUM(time(NULL)), NULL);
    return database_end(d, ok, err);
}

bool database_open(struct database *d, const struct database_place *place, bool create,
                   struct situs_err *err)
{
    const char *where = place->sqlite ? place->sqlite : place->postgresql;
    *d = (struct database){.kind = place->sqlite ? &database_sqlite : &database_postgresql};
    d->connection = d->kind->open(where, create, err);
    if (d->connection && migrate(d, err))
        return true;
    database_close(d);
    return false;
}

bool database_look(const struct database_place *place, struct situs_err *err)
{
    int64_t has = 0;
    struct database d = {.kind = place->sqlite ? &database_sqlite : &database_postgresql};
    if (place->sqlite && (!file_keeps(place->sqlite, err) || access(place->sqlite, F_OK) != 0))
        return err->code == SITUS_NONE;
    d.connection = d.kind->look(place->sqlite ? place->sqlite : place->postgresql, err);
    bool ok = d.connection && version(&d, &has, err) && !is_newer(has, err);
    database_close(&d);
    return ok;
}

void database_close(struct database *d)
{
    if (d->connection)
        d->kind->close(d->connection);
    *d = (struct database){.kind = NULL};
}
