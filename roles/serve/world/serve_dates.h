/*
 * Dates that were seen of what has no number: collateral, by its issueDate, and CRLs, by thisUpdate (DESIGN: service, 8). Each
 * policy has its own, by the names of collateral_item, or of a CRL by its issuer's name and key.
 */
#ifndef SITUS_SERVE_SERVE_DATES_H
#define SITUS_SERVE_SERVE_DATES_H

#include "serve/world/serve_loaded.h"

#define SERVE_DATES 128 /* of a policy; more are not counted */

struct serve_date {
    char name[48];
    int64_t at;     /* Unix seconds */
    int64_t stored; /* what of it is on record in the keeper's database; 0: nothing */
};

struct serve_dates {
    struct serve_date v[SERVE_POLICIES][SERVE_DATES];
    size_t n[SERVE_POLICIES];
};

/* serve_dates_of writes those of what the policies of a world hold, which is in its time or not. */
void serve_dates_of(struct serve_dates *d, const struct serve_world *w);

/* serve_dates_raise puts a date into those of a policy, or raises the one of its name; NULL: there is no room. */
struct serve_date *serve_dates_raise(struct serve_dates *d, size_t policy, const char *name,
                                     int64_t at);

/* serve_dates_forgotten says that the operator has written into the configuration that this date of a policy's is not to be
 * believed; serve_dates_believed that a policy holds none such, else not-allowed, with the name as part. */
bool serve_dates_forgotten(const struct serve_config *c, size_t policy, const char *name,
                           int64_t at);
bool serve_dates_believed(const struct serve_dates *held, const struct serve_config *c,
                          size_t policy, struct situs_err *err);

/* serve_dates_current says that nothing that a policy holds is older than what was seen by its name; else out-of-date, with the
 * name as part. */
bool serve_dates_current(const struct serve_dates *held, const struct serve_dates *seen,
                         size_t policy, struct situs_err *err);

#endif
