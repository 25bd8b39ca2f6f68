/* PostgreSQL by libpq, for several replicas; see database.h. Asked without blocking (libpq 34.4), so that a server that
 * is silent costs no more than DATABASE_MS. */
#include "database/database.h"

#include "base/text.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEPT 32 /* statements that were prepared */

struct connection {
    PGconn *pg;
    PGresult *result;
    int row;
    struct kept {
        char *sql;
        int64_t number; /* the server's name for it */
    } kept[KEPT];
    int64_t made;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* wait_for waits for the socket until the end; false: it came. */
static bool wait_for(const struct connection *c, short events, int64_t end)
{
    struct pollfd p = {.fd = PQsocket(c->pg), .events = events};
    int64_t left = end - now_ms();
    int got = left > 0 ? poll(&p, 1, (int)left) : 0;
    return got > 0 || (got == -1 && errno == EINTR);
}

static bool no_answer(struct situs_err *err)
{
    return database_fail("none in time", err);
}

static void end_result(struct connection *c)
{
    PQclear(c->result);
    c->result = NULL;
}

/* finish takes what comes of a statement, to its end; the last result counts. */
static bool finish(struct connection *c, int64_t end, struct situs_err *err)
{
    for (;;) {
        while (PQisBusy(c->pg)) {
            if (!wait_for(c, POLLIN, end))
                return no_answer(err);
            if (!PQconsumeInput(c->pg))
                return database_fail(PQerrorMessage(c->pg), err);
        }
        PGresult *result = PQgetResult(c->pg);
        if (!result)
            break;
        end_result(c);
        c->result = result;
        if (PQresultStatus(result) == PGRES_FATAL_ERROR)
            database_fail(PQresultErrorMessage(result), err);
    }
    ExecStatusType got = PQresultStatus(c->result);
    return err->code == SITUS_NONE && (got == PGRES_COMMAND_OK || got == PGRES_TUPLES_OK);
}

/* prepare has a statement of this text made, when it is asked for first, and writes its name; an empty one is that of none: there
 * is no room for more. A name that failed is not used again: the server may have it. */
static bool prepare(struct connection *c, const char *sql, char name[24], int64_t end,
                    struct situs_err *err)
{
    size_t i = 0;
    while (i < KEPT && c->kept[i].sql && strcmp(c->kept[i].sql, sql) != 0)
        i++;
    name[0] = 0;
    if (i == KEPT)
        return true;
    if (c->kept[i].sql) {
        text_num(name, c->kept[i].number);
        return true;
    }
    char *text = strdup(sql);
    if (!text)
        return database_fail("no memory", err);
    int64_t number = c->made++;
    bool ok = PQsendPrepare(c->pg, text_num(name, number), sql, 0, NULL)
                  ? finish(c, end, err)
                  : database_fail(PQerrorMessage(c->pg), err);
    if (ok)
        c->kept[i] = (struct kept){text, number};
    else
        free(text);
    return ok;
}

static bool ask(void *connection, const char *sql, const char *const *values, size_t n,
                struct situs_err *err)
{
    struct connection *c = connection;
    int64_t end = now_ms() + DATABASE_MS;
    char name[24] = "";
    end_result(c);
    c->row = -1;
    if (values && !prepare(c, sql, name, end, err))
        return false;
    int sent = !values   ? PQsendQuery(c->pg, sql)
               : name[0] ? PQsendQueryPrepared(c->pg, name, (int)n, values, NULL, NULL, 0)
                         : PQsendQueryParams(c->pg, sql, (int)n, NULL, values, NULL, NULL, 0);
    if (!sent)
        return database_fail(PQerrorMessage(c->pg), err);
    return finish(c, end, err);
}

static bool next(void *connection, struct situs_err *err)
{
    struct connection *c = connection;
    (void)err;
    return c->result && ++c->row < PQntuples(c->result);
}

static const char *column(void *connection, int i)
{
    struct connection *c = connection;
    return PQgetvalue(c->result, c->row, i);
}

static void close_it(void *connection)
{
    struct connection *c = connection;
    end_result(c);
    PQfinish(c->pg);
    for (size_t i = 0; i < KEPT; i++)
        free(c->kept[i].sql);
    free(c);
}

static void be_silent(void *to, const PGresult *notice)
{
    (void)to;
    (void)notice;
}

/* is_ports says that a value is ports of hosts, separated by commas, of which each may be left out: libpq looks at them no
 * earlier than at the host. */
static bool is_ports(const char *value)
{
    uint64_t port;
    struct span rest = span_text(value);
    while (rest.n) {
        struct span one = text_field(&rest, ',');
        if (one.n && !text_number(one, 1, UINT16_MAX, &port))
            return false;
    }
    return true;
}

/* reads says that a connection string reads, and that a server would be asked: nobody is, where a value in it is wrong (libpq
 * 34.1: PQPING_NO_ATTEMPT). It is called of a connection that failed at once, and waits no longer than that one would. */
static bool reads(const char *where)
{
    static const char *const names[] = {"dbname", "connect_timeout", NULL};
    const char *const values[] = {where, "2", NULL}; /* DATABASE_MS */
    PQconninfoOption *options = PQconninfoParse(where, NULL);
    bool ok = options != NULL;
    for (size_t i = 0; ok && options[i].keyword; i++)
        ok = strcmp(options[i].keyword, "port") != 0 || !options[i].val || is_ports(options[i].val);
    PQconninfoFree(options);
    return ok && PQpingParams(names, values, 1) != PQPING_NO_ATTEMPT;
}

/* fail_start says why a connection did not begin: its string is wrong, or nobody is there. */
static bool fail_start(const struct connection *c, const char *where, struct situs_err *err)
{
    char says[160];
    if (!c->pg || reads(where))
        return database_fail(c->pg ? PQerrorMessage(c->pg) : "no memory", err);
    snprintf(says, sizeof says, "%s", PQerrorMessage(c->pg));
    says[strcspn(says, "\n")] = 0;
    err_fail(err, SITUS_MALFORMED, "database", "postgresql", SITUS_NO_OFFSET,
             "a connection string of libpq", says);
    return err_hint(err,
                    "libpq's documentation, Connection Strings, has the words and what they take");
}

/* connect waits for the connection (libpq 34.1: PQconnectPoll). */
static bool connect_it(struct connection *c, const char *where, struct situs_err *err)
{
    int64_t end = now_ms() + DATABASE_MS;
    if (!c->pg || PQstatus(c->pg) == CONNECTION_BAD)
        return fail_start(c, where, err);
    for (PostgresPollingStatusType s = PGRES_POLLING_WRITING; s != PGRES_POLLING_OK;
         s = PQconnectPoll(c->pg)) {
        if (s == PGRES_POLLING_FAILED)
            return database_fail(PQerrorMessage(c->pg), err);
        if (!wait_for(c, s == PGRES_POLLING_READING ? POLLIN : POLLOUT, end))
            return no_answer(err);
    }
    PQsetNoticeReceiver(c->pg, be_silent, NULL);
    return ask(c, "SET statement_timeout = 2000", NULL, 0,
               err); /* DATABASE_MS: locks are not waited for longer */
}

static void *open_it(const char *where, bool create, struct situs_err *err)
{
    struct connection *c = calloc(1, sizeof *c);
    (void)create; /* the database is the operator's; what is in it, a migration's */
    if (!c) {
        database_fail("no memory", err);
        return NULL;
    }
    c->pg = PQconnectStart(where);
    if (connect_it(c, where, err))
        return c;
    close_it(c);
    return NULL;
}

static void *look(const char *where, struct situs_err *err)
{
    return open_it(where, false, err);
}

/* The lock is of this transaction; its number is "SITS" and only ours. */
const struct database_kind database_postgresql = {
    .begin = "BEGIN; SELECT pg_advisory_xact_lock(1397314643)",
    .open = open_it,
    .look = look,
    .close = close_it,
    .ask = ask,
    .next = next,
    .column = column};
