/*
 * Reports that somebody wanted kept, for whoever has their SHA-256: in the database, or without one in memory. They are
 * listed nowhere, and the last ones alone are there.
 */
#ifndef SITUS_SERVE_KEEPER_REPORTS_H
#define SITUS_SERVE_KEEPER_REPORTS_H

#include "database/database.h"

#define KEEPER_REPORTS 16          /* in memory, a descriptor each */
#define KEEPER_REPORTS_STORED 1024 /* in the database */
#define KEEPER_REPORTS_DAYS 30     /* there, of 86400 seconds */

struct keeper_reports {
    struct {
        char sha256[65]; /* hex; empty: none */
        int report;      /* sealed memory, where there is one */
    } v[KEEPER_REPORTS];
    size_t next;
};

/* keeper_reports_keep keeps a report (sealed memory, which stays the caller's) of a time, Unix seconds, and writes what it
 * is kept under; empty where it could not be kept. A database that is not open is none. */
void keeper_reports_keep(struct keeper_reports *r, struct database *db, int report, int64_t at,
                         char sha256[65]);

/* keeper_reports_find finds the report of a digest: sealed memory, the caller's. FAILED (said on stderr) is no word about
 * whether one is kept; *report is -1 but where one is found. */
enum keeper_reports_word { KEEPER_REPORTS_FOUND, KEEPER_REPORTS_NONE, KEEPER_REPORTS_FAILED };
enum keeper_reports_word keeper_reports_find(const struct keeper_reports *r, struct database *db,
                                             const char *sha256, int *report);

void keeper_reports_free(struct keeper_reports *r);

#endif
