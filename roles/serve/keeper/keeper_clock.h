/* The keeper's two clocks. What it signs bears the wall's time, which never goes back: while it does, nothing is said
 * of any time. N ages by the steady one, which counts through a suspend and which nobody sets. */
#ifndef SITUS_SERVE_KEEPER_CLOCK_H
#define SITUS_SERVE_KEEPER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define KEEPER_CLOCK_STEP \
    2 /* seconds by which the wall's clock may differ from the steady one, as clocks are steered */

struct keeper_clock {
    int64_t (*wall)(void);          /* Unix seconds */
    int64_t (*steady)(void);        /* milliseconds */
    int64_t wall_then, steady_then; /* at its begin, or after the last step: small steps add up */
    int64_t highest;
    bool behind;
    unsigned steps; /* how often the wall's clock was stepped */
};

/* keeper_clock_new is the system's. */
struct keeper_clock keeper_clock_new(void);

/* keeper_clock_read is the time now. False while the wall's clock is behind what it was; a step either way is told on
 * stderr, once. */
bool keeper_clock_read(struct keeper_clock *c, int64_t *at);

#endif
