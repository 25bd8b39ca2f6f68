/*
 * The service's database: SQLite for one replica, PostgreSQL for several, behind one set of statements. A statement's
 * parameters are $1, $2 ..., and all values are text, as both take them. No call waits longer than DATABASE_MS.
 */
#ifndef SITUS_DATABASE_DATABASE_H
#define SITUS_DATABASE_DATABASE_H

#include "base/err.h"

#define DATABASE_MS 2000 /* for a connection, a lock, or an answer */
#define DATABASE_VALUES 32

/* Where it is; one of the two, or none. */
struct database_place {
    const char *sqlite;     /* a path */
    const char *postgresql; /* a connection string of libpq */
    bool there;             /* it was: a file that is gone is not made anew */
};

/* What a kind of database does. */
struct database_kind {
    const char *begin; /* starts a transaction; with migrations it is the only one */
    void *(*open)(const char *where, bool create, struct situs_err *err);
    void *(*look)(const char *where,
                  struct situs_err *err); /* opens what is there, and changes nothing */
    void (*close)(void *connection);
    /* ask runs one statement, whose rows next steps to; several without values where values is NULL. */
    bool (*ask)(void *connection, const char *sql, const char *const *values, size_t n,
                struct situs_err *err);
    bool (*next)(void *connection, struct situs_err *err);
    const char *(*column)(void *connection, int i);
};

extern const struct database_kind database_sqlite, database_postgresql;

/* The zero state is that of none. */
struct database {
    const struct database_kind *kind;
    void *connection;
};

/* database_fail records what the database says; returns false. */
bool database_fail(const char *says, struct situs_err *err);

/* database_open connects and brings the schema up to date; create: a file of SQLite's that is not there is made. One of
 * a newer situs is unsupported, a connection string that does not read malformed, a server that is away internal. */
bool database_open(struct database *d, const struct database_place *place, bool create,
                   struct situs_err *err);
void database_close(struct database *d);

/* database_look says that it answers, and is one of ours and of no newer situs (else internal, unknown, unsupported, malformed), or a
 * file of SQLite's that could be made; nothing is changed. */
bool database_look(const struct database_place *place, struct situs_err *err);

/* database_ask runs a statement with the values up to a NULL; database_next steps to the next row: false at the end, or
 * on failure (err). A column is text, which lives until the next call; never NULL. */
bool database_ask(struct database *d, struct situs_err *err, const char *sql, ...)
    __attribute__((sentinel));
bool database_next(struct database *d, struct situs_err *err);
const char *database_column(struct database *d, int i);

/* database_begin starts a transaction; database_end commits it when ok, else rolls it back; false when it was not
 * committed. */
bool database_begin(struct database *d, struct situs_err *err);
bool database_end(struct database *d, bool ok, struct situs_err *err);

/* database_number is the first column of the first row of what was asked; least where there is none. */
bool database_number(struct database *d, int64_t *out, struct situs_err *err);

#endif
