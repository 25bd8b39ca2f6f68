/* Time of this thread, in seconds: what other programs do on the machine counts less. */
#ifndef SITUS_BENCH_CLOCK_H
#define SITUS_BENCH_CLOCK_H

#include <time.h>

static inline double clock_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

#endif
