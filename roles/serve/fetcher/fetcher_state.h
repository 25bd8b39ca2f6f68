/* What became of the sources, for metrics: all labels are the configuration's. Times are Unix seconds; 0: never. */
#ifndef SITUS_SERVE_FETCHER_STATE_H
#define SITUS_SERVE_FETCHER_STATE_H

#include "serve/world/serve_load.h"

struct fetcher_source {
    char name[72];
    int64_t success, next,
        ends; /* the last that came; when it is asked again; when that which is held ends */
    uint64_t successes, failures;
};

struct fetcher_state {
    uint32_t sources, platforms;
    struct fetcher_source source[SERVE_SOURCES];
    struct serve_platform platform[SERVE_PLATFORMS];
};

/* fetcher_platforms says when the platforms of a world's early sets fall out of date, in the world. */
void fetcher_platforms(struct serve_world *w);

#endif
