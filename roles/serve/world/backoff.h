/* Waiting that grows with failures, and chance, so that many do not ask at one instant. */
#ifndef SITUS_SERVE_BACKOFF_H
#define SITUS_SERVE_BACKOFF_H

#include <stdint.h>

/* backoff_some is a random number below most; 0 where there is no randomness. */
int64_t backoff_some(int64_t most);

/* backoff_wait is how long is waited after so many failures in a row, milliseconds: first after one, twice as long after each, an
 * hour at most, and half of it by chance. */
int64_t backoff_wait(int64_t first, unsigned tries);

#endif
