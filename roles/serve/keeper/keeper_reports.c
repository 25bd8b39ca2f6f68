/* Reports that are kept; see keeper_reports.h. */
#include "serve/keeper/keeper_reports.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "frame/out.h"
#include "serve/judge/judge.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY 86400

/* read_whole reads sealed memory into malloc'd text with a zero byte; NULL: it cannot. */
static char *read_whole(int fd, size_t *n)
{
    char *text = talk_memory_is(fd, JUDGE_REPORT_MAX, n) ? malloc(*n + 1) : NULL;
    if (text && pread(fd, text, *n, 0) == (ssize_t)*n) {
        text[*n] = 0;
        return text;
    }
    free(text);
    return NULL;
}

/* store keeps one, and lets those go that are too old or too many. */
static bool store(struct database *db, const char *sha256, int64_t at, const char *text,
                  struct situs_err *err)
{
    bool ok =
        database_begin(db, err) &&
        database_ask(db, err,
                     "INSERT INTO situs_report (sha256, at, text) VALUES ($1, $2, $3) "
                     "ON CONFLICT (sha256) DO NOTHING",
                     sha256, TEXT_NUM(at), text, NULL) &&
        database_ask(db, err, "DELETE FROM situs_report WHERE at < $1",
                     TEXT_NUM(at - KEEPER_REPORTS_DAYS * DAY), NULL) &&
        database_ask(db, err,
                     "DELETE FROM situs_report WHERE sha256 IN (SELECT sha256 FROM situs_report "
                     "ORDER BY at DESC, sha256 LIMIT 1000000 OFFSET $1)",
                     TEXT_NUM(KEEPER_REPORTS_STORED), NULL);
    return database_end(db, ok, err);
}

/* remember takes the place of the eldest. */
static bool remember(struct keeper_reports *r, const char *sha256, int report)
{
    int fd = fcntl(report, F_DUPFD_CLOEXEC, 0);
    if (fd == -1)
        return false;
    if (r->v[r->next].sha256[0])
        close(r->v[r->next].report);
    snprintf(r->v[r->next].sha256, sizeof r->v[0].sha256, "%s", sha256);
    r->v[r->next].report = fd;
    r->next = (r->next + 1) % KEEPER_REPORTS;
    return true;
}

void keeper_reports_keep(struct keeper_reports *r, struct database *db, int report, int64_t at,
                         char sha256[65])
{
    size_t n = 0;
    uint8_t hash[32];
    struct situs_err err = {0};
    char *text = read_whole(report, &n);
    bool ok = text && digest(HASH_SHA256, span_of(text, n), hash);
    text_hex(sha256, 65, ok ? SPAN_ARR(hash) : span_of(NULL, 0));
    ok = ok && (db->kind ? store(db, sha256, at, text, &err) : remember(r, sha256, report));
    free(text);
    if (ok)
        return;
    sha256[0] = 0;
    if (err.code != SITUS_NONE)
        out_failure(&err);
}

/* stored is the report that the database has; -1: none, or err. */
static int stored(struct database *db, const char *sha256, struct situs_err *err)
{
    if (!database_ask(db, err, "SELECT text FROM situs_report WHERE sha256 = $1", sha256, NULL) ||
        !database_next(db, err))
        return -1;
    const char *text = database_column(db, 0);
    return talk_memory(text, strlen(text));
}

enum keeper_reports_word keeper_reports_find(const struct keeper_reports *r, struct database *db,
                                             const char *sha256, int *report)
{
    struct situs_err err = {0};
    bool there = false;
    *report = db->kind ? stored(db, sha256, &err) : -1;
    for (size_t i = 0; !db->kind && !there && sha256[0] && i < KEEPER_REPORTS; i++) {
        there = strcmp(r->v[i].sha256, sha256) == 0;
        *report = there ? fcntl(r->v[i].report, F_DUPFD_CLOEXEC, 0) : -1;
    }
    if (err.code != SITUS_NONE)
        out_failure(&err);
    return *report != -1                     ? KEEPER_REPORTS_FOUND
           : err.code != SITUS_NONE || there ? KEEPER_REPORTS_FAILED
                                             : KEEPER_REPORTS_NONE;
}

void keeper_reports_free(struct keeper_reports *r)
{
    for (size_t i = 0; i < KEEPER_REPORTS; i++)
        if (r->v[i].sha256[0])
            close(r->v[i].report);
    memset(r, 0, sizeof *r);
}
