/* What every policy of the configuration rests on, read before any process of the service is made; none of it is secret. The
 * zero state may be freed. */
#ifndef SITUS_SERVE_SERVE_LOAD_H
#define SITUS_SERVE_SERVE_LOAD_H

#include "serve/world/serve_loaded.h"
#include "serve/world/serve_seen.h"

/* serve_load reads the configuration and all files of the operator's that it names but keys; of collateral and endorsements
 * it keeps the bytes. False: said on stderr. */
bool serve_load(struct serve_world *w, const char *path);
void serve_load_free(struct serve_world *w);

/* serve_load_verify verifies these, with what the cache has now, and says until when policies can be served: once in a
 * process, for these are bytes of others'. False: said on stderr. */
bool serve_load_verify(struct serve_world *w);

/* serve_load_current says that nothing that a policy rests on is missing or out of its time; else missing, expired or
 * not-yet-valid, with its name as part. */
bool serve_load_current(const struct serve_term *t, int64_t at, struct situs_err *err);

#endif
