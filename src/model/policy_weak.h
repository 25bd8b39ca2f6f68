/* What of a policy is legal and weak: "policy check" says it, and refuses nothing. */
#ifndef SITUS_MODEL_POLICY_WEAK_H
#define SITUS_MODEL_POLICY_WEAK_H

#include "model/policy.h"

#define POLICY_WEAK_MAX 32

/* policy_weak writes one sentence for each weakness, "KEY: what it lets by", in the order of the
 * keys; they are literals. Returns how many. */
size_t policy_weak(const struct policy *p, const char *sentences[POLICY_WEAK_MAX]);

#endif
