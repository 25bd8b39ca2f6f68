/* Waiting; see backoff.h. */
#include "serve/world/backoff.h"

#include <stdbool.h>
#include <sys/random.h>

#define MOST 3600000 /* milliseconds */

int64_t backoff_some(int64_t most)
{
    uint64_t r = 0;
    bool ok = most > 0 && getrandom(&r, sizeof r, 0) == (ssize_t)sizeof r;
    return ok ? (int64_t)(r % (uint64_t)most) : 0;
}

int64_t backoff_wait(int64_t first, unsigned tries)
{
    int64_t wait = first;
    for (unsigned i = 1; i < tries && wait < MOST; i++)
        wait *= 2;
    wait = wait < MOST ? wait : MOST;
    return wait / 2 + backoff_some(wait / 2);
}
