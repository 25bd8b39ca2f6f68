/* Real evidence from outside the repository, where it is present: the one place that knows its
 * path. */
#ifndef SITUS_TESTS_VECTORS_H
#define SITUS_TESTS_VECTORS_H

#include "base/span.h"

/* vectors_root is $SITUS_VECTORS, else what tests/vectors.path says; NULL when absent. */
const char *vectors_root(void);

/* vectors_read reads a file below the root; the bytes live until the program ends. Fails the test
 * when the file cannot be read. */
struct span vectors_read(const char *path);

/* vectors_need skips the running test, saying so, when there are no vectors. */
void vectors_need(void);

#endif
