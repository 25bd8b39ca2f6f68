/*
 * What the keeper has on record in a database, and what it knows of it. A database that does not answer is looked for
 * again every second; nothing is served meanwhile. Without one, numbers are forgotten at a restart.
 */
#ifndef SITUS_SERVE_KEEPER_STORE_H
#define SITUS_SERVE_KEEPER_STORE_H

#include "audit/audit_log.h"
#include "database/database.h"
#include "serve/world/serve_dates.h"
#include "serve/world/serve_load.h"
#include "serve/world/serve_seen.h"

struct keeper_store {
    const struct serve_world *world;
    struct audit_log *audit; /* of the same keeper; may keep none */
    struct database db;
    bool used, up, told; /* one is configured; it answers; that it does not was said */
    int64_t looked;      /* until then, milliseconds of the steady clock; 0: never */
    int64_t change;      /* of situs_change, which was read */
    uint64_t audited;    /* number of the audit log's line that is on record */
    struct situs_err why;
    struct serve_seen_set *seen; /* of all */
    struct serve_number *held;   /* SERVE_NUMBERS: lists of policies */
    size_t n_held;
    struct serve_dates *dates, *dated; /* of collateral and CRLs: seen; held by policies */
    bool higher;                       /* seen has what is not on record */
    int memory[SERVE_POLICIES]; /* sealed: those of seen that concern a policy; -1: none do */
    uint32_t n[SERVE_POLICIES]; /* how many */
};

/* keeper_store_begin opens what is configured. False: said on stderr: no memory, a schema that is not for this situs, or a
 * connection string that does not read. A database that is away is no such failure. */
bool keeper_store_begin(struct keeper_store *s, const struct serve_world *world,
                        struct audit_log *audit, int64_t (*steady)(void));
void keeper_store_end(struct keeper_store *s);

/* keeper_store_hold takes what policies hold from now on: dates, and n lists. False: more signers than the service knows. */
bool keeper_store_hold(struct keeper_store *s, const struct serve_dates *dates,
                       const struct serve_number *rows, size_t n);

/* keeper_store_answers says that the database answered within a second, or does now, by the steady clock (milliseconds);
 * else why says what it said. */
bool keeper_store_answers(struct keeper_store *s, int64_t (*steady)(void));

/* keeper_store_current says that lists, collateral and CRLs of a policy are not older than what was seen. */
bool keeper_store_current(const struct keeper_store *s, size_t policy, struct situs_err *err);

#endif
