/* Rows and reasons as situs.h gives them to programs. */
#ifndef SITUS_SITUS_ROWS_H
#define SITUS_SITUS_ROWS_H

#include "model/finding.h"
#include "situs.h"

/* rows_check is one row; whether it refuses, and which proofs need it, the caller says. */
struct situs_check rows_check(enum check c, const struct finding *f);

/* rows_failed is a reason: of a row, or of none (check NULL). Its hint is never empty. */
struct situs_error rows_failed(const char *check, bool refuses, const struct situs_err *why);

/* rows_not_run is the reason of a row that is needed and did not run. */
struct situs_error rows_not_run(enum check c, const struct finding *f, const char *hint);

/* Where the reasons against a proof go on; {0} at first. */
struct rows_at {
    size_t row;
};

/* rows_against is the next of situs_result_proof_error: all of them in one walk over the rows. */
bool rows_against(const struct situs_result *result, size_t p, struct rows_at *at,
                  struct situs_error *out);

#endif
