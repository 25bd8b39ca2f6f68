/* Counting; see front_count.h. */
#include "serve/front/front_count.h"

static const unsigned statuses[FRONT_STATUSES] = {200, 201, 204, 400, 401, 403, 404, 405, 406, 409,
                                                  410, 413, 414, 415, 421, 422, 429, 500, 502, 503};
static const unsigned bounds[FRONT_BUCKETS] = {1,   2,   5,   10,   20,   50,
                                               100, 200, 500, 1000, 5000, 30000};

unsigned front_count_status(size_t i)
{
    return statuses[i];
}

unsigned front_count_bound(size_t i)
{
    return bounds[i];
}

void front_count_request(struct front_count *n, size_t row, unsigned status, int64_t milliseconds)
{
    size_t at = 0, bucket = 0;
    while (at < FRONT_STATUSES - 1 && statuses[at] != status)
        at++;
    while (bucket < FRONT_BUCKETS && milliseconds > (int64_t)bounds[bucket])
        bucket++;
    row = row < FRONT_PATHS_MOST ? row : FRONT_PATHS_MOST - 1;
    n->requests[row][at]++;
    n->buckets[row][bucket]++;
    n->milliseconds[row] += (uint64_t)(milliseconds > 0 ? milliseconds : 0);
}

void front_count_exit(struct front_count *n, int exit)
{
    if (exit >= 0 && (size_t)exit < sizeof n->exits / sizeof *n->exits)
        n->exits[exit]++;
}
