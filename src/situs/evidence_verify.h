/* One appraisal from bytes to verdict (DESIGN: checks); evidence_verify.c reads like the protocol. */
#ifndef SITUS_SITUS_EVIDENCE_VERIFY_H
#define SITUS_SITUS_EVIDENCE_VERIFY_H

#include "situs/door.h"

/*
 * evidence_verify appraises the request (situs.h), whose policy is not NULL, into result.
 * Everything that result points to lies in the arena, the request's inputs, its snapshot or its
 * policy. Never fails: what cannot be read is in result->err.
 */
void evidence_verify(struct result *result, const struct situs_request *request, struct arena *a);

/* evidence_refused is the result of a request of which this input could not be read or loaded: exit
 * by err's code, every check not run. */
void evidence_refused(struct result *result, const struct situs_request *request,
                      enum situs_input input, const struct situs_err *err, struct arena *a);

/* evidence_not_asked is the result of a request that the caller made wrongly: exit 1. */
void evidence_not_asked(struct result *result, const struct situs_request *request,
                        const struct situs_err *err, struct arena *a);

#endif
