/* Numbers and dates that were seen, in a file outside of the keeper's database ("mark" of "store"): a copy of that from
 * before is told, and takes the higher ones. */
#ifndef SITUS_SERVE_KEEPER_MARK_H
#define SITUS_SERVE_KEEPER_MARK_H

#include "serve/world/serve_dates.h"
#include "serve/world/serve_seen.h"

/* keeper_mark_row takes one row; of a date the anchor is the policy's name, the subject the item's. */
typedef void keeper_mark_row(void *own, const struct serve_seen *row);

/* keeper_mark_read hands every row of the file to a function; one that is not there has none. False: it is no such file
 * (malformed and the like), or does not read (missing). */
bool keeper_mark_read(const char *path, keeper_mark_row *take, void *own, struct situs_err *err);

/* keeper_mark_write writes them all anew, whole or not at all. False: it could not be, and nothing may be told that rests on
 * them. */
bool keeper_mark_write(const char *path, const struct serve_seen_set *seen,
                       const struct serve_dates *dates, const struct serve_config *c,
                       struct situs_err *err);

#endif
