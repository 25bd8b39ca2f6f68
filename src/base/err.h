/* Filling struct situs_err: the first failure wins, later ones change nothing. */
#ifndef SITUS_BASE_ERR_H
#define SITUS_BASE_ERR_H

#include "situs.h"

/*
 * err_fail records a failure and returns false, so that "return err_fail(...)" reads well.
 * expected and got may be NULL; long texts are cut. Nothing changes when err already holds one.
 */
bool err_fail(struct situs_err *err, enum situs_code code, const char *part, const char *field,
              size_t at, const char *expected, const char *got);

/* err_hint adds what to do to a failure that has no hint yet; returns false like err_fail. */
bool err_hint(struct situs_err *err, const char *hint);

/* err_code_name is the stable word of a code; err_code_hint its general hint. */
const char *err_code_name(enum situs_code code);
const char *err_code_hint(enum situs_code code);

#endif
