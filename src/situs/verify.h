/* One appraisal from bytes to verdict (DESIGN: checks); verify.c reads like the protocol. */
#ifndef SITUS_SITUS_VERIFY_H
#define SITUS_SITUS_VERIFY_H

#include "situs/door.h"

/*
 * verify_evidence appraises the request (situs.h), whose policy is not NULL, into result.
 * Everything that result points to lies in the arena, the request's inputs, its snapshot or its
 * policy. Never fails: what cannot be read is in result->err.
 */
void verify_evidence(struct result *result, const struct situs_request *request, struct arena *a);

/* verify_refused is the result of a request whose collateral could not be loaded: exit by err's
 * code, every check not run. */
void verify_refused(struct result *result, const struct situs_request *request,
                    const struct situs_err *err, struct arena *a);

/* verify_not_asked is the result of a request that the caller made wrongly: exit 1. */
void verify_not_asked(struct result *result, const struct situs_request *request,
                      const struct situs_err *err, struct arena *a);

#endif
