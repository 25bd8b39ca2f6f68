/* What a verifier remembers changes no answer. */
#ifndef SITUS_TESTS_WARM_H
#define SITUS_TESTS_WARM_H

#include "situs/evidence_verify.h"

/* warm_as_cold appraises the request with caches, empty and then full, and fails the test unless
 * both reports are the cold one to the last byte. The request has no context of its own. */
void warm_as_cold(const struct situs_request *request, const struct result *cold);

#endif
