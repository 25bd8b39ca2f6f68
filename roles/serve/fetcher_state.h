/* What became of the sources, for metrics: all labels are the configuration's. Times are Unix seconds; 0: never. */
#ifndef SITUS_SERVE_FETCHER_STATE_H
#define SITUS_SERVE_FETCHER_STATE_H

#include "serve/serve_load.h"

#define FETCHER_PLATFORMS 64

struct fetcher_source {
    char name[72];
    int64_t success, next,
        ends; /* the last that came; when it is asked again; when that which is held ends */
    uint64_t successes, failures;
};

/* One kind of platform, for which Intel's early set is fetched. */
struct fetcher_platform {
    uint8_t fmspc[6], tdx;
    uint8_t known; /* both sets are held: falls is known */
    int64_t falls; /* INT64_MAX: no level that is good now falls by the early set */
};

struct fetcher_state {
    uint32_t sources, platforms;
    struct fetcher_source source[SERVE_SOURCES];
    struct fetcher_platform platform[FETCHER_PLATFORMS];
};

/* fetcher_platforms says when the platforms of a world's early sets fall out of date. */
void fetcher_platforms(struct fetcher_state *state, const struct serve_world *w);

#endif
