/* What every policy of the configuration rests on, read and verified once, before any process of the service is made:
 * judges and keeper have it by fork(2), and none of it is secret. The zero state may be freed. */
#ifndef SITUS_SERVE_SERVE_LOAD_H
#define SITUS_SERVE_SERVE_LOAD_H

#include "serve/serve_loaded.h"
#include "serve/serve_seen.h"

/* serve_load reads the configuration and all that it names but keys; false: said on stderr. */
bool serve_load(struct serve_world *w, const char *path);
void serve_load_free(struct serve_world *w);

/* serve_load_renew makes a world of the one that was loaded, with what the cache has now; of the operator's own files
 * nothing is read again, and base must outlive it. False: said on stderr. */
bool serve_load_renew(struct serve_world *w, const struct serve_world *base);

/* serve_load_numbers writes the lists that the policies hold, SERVE_NUMBERS at most, and returns how many. */
#define SERVE_NUMBERS (SERVE_POLICIES * SITUS_ENDORSEMENTS)
size_t serve_load_numbers(const struct serve_world *w, int64_t at, struct serve_number *rows);

/* serve_load_current says that nothing that a policy rests on is missing or out of its time; else missing, expired or
 * not-yet-valid, with its name as part. */
bool serve_load_current(const struct serve_term *t, int64_t at, struct situs_err *err);

#endif
