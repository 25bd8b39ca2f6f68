/*
 * Watched machines on record: rows, spans, events and observations in the service's database, and a mark outside of it,
 * the highest numbers of epochs and events, so that a copy from before is told. Each function is part of a transaction
 * of the caller's, or one statement.
 */
#ifndef SITUS_SERVE_MACHINE_STORE_H
#define SITUS_SERVE_MACHINE_STORE_H

#include "base/wr.h"
#include "database/database.h"
#include "serve/world/serve_machines.h"

/* A good answer: when, of which span, and how long after the one before it (milliseconds). */
struct machine_seen {
    int64_t at;
    uint64_t span;
    int64_t gap;
};

/* What a keeper knows of its records. */
struct machine_store {
    int64_t epoch;     /* this keeper's; 0: it has none yet */
    int64_t event;     /* number of the last event that is on record here */
    int64_t restored;  /* when a replica last saw that the database was put back; 0: none did */
    int64_t signature; /* of the last transaction */
    char boot[40];     /* whose steady clock it has */
    const char *replica, *mark;
    const struct serve_hooks *hooks; /* who is told of each event; NULL: nobody */
    uint64_t lost[SERVE_HOOKS];      /* events, to each of them */
};

/* machine_store_boot reads which boot this is; false: err. */
bool machine_store_boot(struct machine_store *s, struct situs_err *err);

/* What of a record was lost. */
enum machine_lost { MACHINE_NOTHING, MACHINE_MARK, MACHINE_RECORD };

/* machine_store_claim takes the machines over from whoever held them, at a time of the wall's: an epoch above every one that
 * was, and *lost where mark or database had lost some. That of the database is on record for the other replicas, whose marks
 * may be of before. */
bool machine_store_claim(struct machine_store *s, struct database *db, int64_t at,
                         enum machine_lost *lost, struct situs_err *err);

/* machine_store_claims counts how often that was, by whomever; *lost: another replica saw since that the record was. */
bool machine_store_claims(struct machine_store *s, struct database *db, int64_t *n, bool *lost,
                          struct situs_err *err);

/* machine_store_take reads the row of a machine, or makes one, and takes it over. Its steady time is known where it was
 * written in this boot. A span of another identity ends at that time of the wall's. */
bool machine_store_take(struct machine_store *s, struct database *db, const struct serve_machine *m,
                        int64_t at, struct continuity_row *row, struct situs_err *err);

/* machine_store_epoch is that of the keeper which took a machine over last; 0: none did. */
bool machine_store_epoch(struct database *db, const char *name, int64_t *epoch,
                         struct situs_err *err);

/* machine_store_write puts a row and its span on record, machine_store_event an event, machine_store_seen a good answer.
 * Only the holder may. */
bool machine_store_write(const struct machine_store *s, struct database *db,
                         const struct serve_machine *m, const struct continuity_row *row,
                         struct situs_err *err);
bool machine_store_event(struct machine_store *s, struct database *db, const char *name,
                         const struct continuity_event *event, struct situs_err *err);
bool machine_store_seen(struct database *db, const char *name, const struct machine_seen *seen,
                        struct situs_err *err);

/* machine_store_sign leaves a number by chance in a transaction; machine_store_signed says that the last one is on record: so
 * that is known of a transaction whose end was not told, because the connection broke. */
bool machine_store_sign(struct machine_store *s, struct database *db, struct situs_err *err);
bool machine_store_signed(const struct machine_store *s, struct database *db, bool *is,
                          struct situs_err *err);

/* machine_store_left lists the machines of the replica that this keeper did not take, so that their spans are ended. */
bool machine_store_left(struct machine_store *s, struct database *db, int64_t at,
                        struct situs_err *err);

/* machine_store_compact forgets answers of more than a day ago, and hours of more than a month ago. */
bool machine_store_compact(struct database *db, int64_t at, struct situs_err *err);

/* machine_store_mark writes the mark; false: it could not be, and nothing may be told of what it would say. */
bool machine_store_mark(const struct machine_store *s, struct situs_err *err);

/* machine_store_events writes a machine's events above a number as JSON, 100 at most. */
bool machine_store_events(struct database *db, const char *name, uint64_t after, struct wr *w,
                          struct situs_err *err);

/* machine_store_last is the number of the last event, by whichever keeper; machine_store_stream writes those above *last, of all
 * machines and 100 at most, as server-sent events, and *last is then the last of them. */
bool machine_store_last(struct database *db, int64_t *last, struct situs_err *err);
bool machine_store_stream(struct database *db, uint64_t *last, struct wr *w, struct situs_err *err);

#endif
