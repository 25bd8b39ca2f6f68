/* Rows of a result, as tests look at them. */
#ifndef SITUS_TESTS_RESULT_ROWS_H
#define SITUS_TESTS_RESULT_ROWS_H

#include "situs.h"

/* result_row is "pass", "fail", "not-run" or "absent" of a row, with code and field of a failure. */
const char *result_row(const struct situs_result *r, const char *id, const char **code,
                       const char **field);

/* result_rows are the outcomes of four rows, Pass, Fail, Not run or Absent, and code and field of that which failed:
 * of two it fails the test, for one would hide the other. */
void result_rows(const struct situs_result *r, const char *const ids[4], char outcomes[5],
                 const char **code, const char **field);

#endif
