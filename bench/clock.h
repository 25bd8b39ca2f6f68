/* The two clocks of the benchmark, in seconds. */
#ifndef SITUS_BENCH_CLOCK_H
#define SITUS_BENCH_CLOCK_H

#include <time.h>

static inline double clock_read(clockid_t clock)
{
    struct timespec t = {0, 0};
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Time of this thread: what other programs do on the machine counts less. */
static inline double clock_thread(void)
{
    return clock_read(CLOCK_THREAD_CPUTIME_ID);
}

/* Time on the wall, for what other programs have a part in. */
static inline double clock_wall(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

#endif
