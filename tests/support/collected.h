/* What an attester collected, as a verifier's reader sees it. */
#ifndef SITUS_TESTS_COLLECTED_H
#define SITUS_TESTS_COLLECTED_H

#include "model/bundle.h"

/* collected_read reads a bundle, which must have n items; it lives until the next. collected_item is the value of a label that it
 * must have. */
struct bundle *collected_read(struct span bytes, size_t n);
struct span collected_item(struct bundle *b, const char *label);

#endif
