/* Two policies side by side: "policy diff". */
#ifndef SITUS_MODEL_POLICY_DIFF_H
#define SITUS_MODEL_POLICY_DIFF_H

#include "model/policy.h"

enum policy_diff {
    POLICY_ONLY_SECOND, /* what b alone demands */
    POLICY_ONLY_FIRST,  /* what a alone demands */
    POLICY_DIFFERS,     /* what they say differently without one of them demanding more */
    POLICY_DIFFS
};

/* policy_diff writes the differences of one kind, each a line with its end. Defaults count as said.
 * Returns how many there are; 0 of every kind: the two demand the same. */
size_t policy_diff(const struct policy *a, const struct policy *b, enum policy_diff kind,
                   struct wr *w);

#endif
