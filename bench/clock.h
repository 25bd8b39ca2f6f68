/* The clocks of the benchmark, in seconds. */
#ifndef SITUS_BENCH_CLOCK_H
#define SITUS_BENCH_CLOCK_H

#include <sys/resource.h>
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

/* Time of this process, its threads and the programs that it started and waited for. */
static inline double clock_process(void)
{
    struct rusage r = {0};
    getrusage(RUSAGE_CHILDREN, &r);
    return clock_read(CLOCK_PROCESS_CPUTIME_ID) + (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

/* Time on the wall, for what other programs have a part in. */
static inline double clock_wall(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

#endif
