/* What the front counts, with bounded labels: paths of its table, statuses of its table. */
#ifndef SITUS_SERVE_FRONT_COUNT_H
#define SITUS_SERVE_FRONT_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRONT_PATHS_MOST 64 /* rows of front_paths.def, and one for requests of none */
#define FRONT_STATUSES 24   /* statuses that are told apart; the last stands for all others */
#define FRONT_BUCKETS 12

struct front_count {
    uint64_t requests[FRONT_PATHS_MOST][FRONT_STATUSES];
    uint64_t buckets[FRONT_PATHS_MOST][FRONT_BUCKETS + 1]; /* by time; the last has no bound */
    uint64_t milliseconds[FRONT_PATHS_MOST];
    uint64_t exits[16]; /* appraisals by exit code */
};

/* front_count_request counts a request of a row that took so long; status 0: it had no answer. */
void front_count_request(struct front_count *n, size_t row, unsigned status, int64_t milliseconds);

/* front_count_exit counts an appraisal. */
void front_count_exit(struct front_count *n, int exit);

/* front_count_status is the status that stands at i; 0: any other, or none was sent.
 * front_count_bound is the upper bound of bucket i, milliseconds. */
unsigned front_count_status(size_t i);
unsigned front_count_bound(size_t i);

#endif
