/* One asking of a source: situs-fetch with the words for it, and nothing of the service's but the cache. */
#ifndef SITUS_SERVE_FETCHER_RUN_H
#define SITUS_SERVE_FETCHER_RUN_H

#include "serve/world/serve_source.h"

#include <sys/types.h>

/* fetcher_run starts the program for a source; *said is its standard output, to be closed. 0: it could not be started. */
pid_t fetcher_run(const char *program, const struct serve_fetch *f, size_t source, int *said);

#endif
