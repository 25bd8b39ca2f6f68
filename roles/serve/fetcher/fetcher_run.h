/* One asking of a source, or one handing over to a webhook: situs-fetch with the words for it, and nothing of the service's
 * but the cache, or the event. */
#ifndef SITUS_SERVE_FETCHER_RUN_H
#define SITUS_SERVE_FETCHER_RUN_H

#include "serve/world/serve_hooks.h"
#include "serve/world/serve_source.h"

#include <sys/types.h>

/* fetcher_run starts the program for a source; *said is its standard output, to be closed. 0: it could not be started. */
pid_t fetcher_run(const char *program, const struct serve_fetch *f, size_t source, int *said);

/* fetcher_run_hook starts it for a webhook, with an event's descriptor as its standard input; timeout: seconds. */
pid_t fetcher_run_hook(const char *program, const struct serve_fetch *f,
                       const struct serve_hook *hook, int64_t timeout, int event, int *said);

/* fetcher_retry_after is for how long who was asked wants not to be asked, by what the program said: milliseconds; 0: no
 * word. said may be -1. */
int64_t fetcher_retry_after(int said);

#endif
