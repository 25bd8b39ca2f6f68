/* Two policies side by side: "policy diff". */
#ifndef SITUS_MODEL_POLICY_DIFF_H
#define SITUS_MODEL_POLICY_DIFF_H

#include "model/policy.h"

/* policy_diff writes, a line each, what b alone demands, what a alone does, and what they say
 * differently without one of them demanding more. Defaults count as said. Returns how many lines of
 * these there are; 0: the two demand the same. */
size_t policy_diff(const struct policy *a, const struct policy *b, struct wr *w);

#endif
