/* Anchors of a lab; see simulated.h. */
#include "model/simulated.h"

#include "base/text.h"

void simulated_check(struct findings *f, enum check c, const struct policy *policy,
                     struct claims *claims, const char *part)
{
    const struct anchor *anchor = claims->authority;
    if (!anchor || !anchor->simulated || policy->simulated)
        return;
    finding_fail(f, c, SITUS_NOT_ALLOWED, FINDING_AT(part, "anchor"),
                 "an anchor that is not simulated", TEXT_CUT(span_text(anchor->name)),
                 "the chain ends in an anchor that the trust file marks as a lab's; in a lab, say "
                 "\"simulated\": true in the policy");
    claims->authority = NULL;
}
