/* A toy: a provider that says "TOY" and in which facility the machine is. */
#include "endorse/ak_cert/ak_profile.h"

static bool check_toy(const struct ak_asked *x)
{
    if (!span_starts(x->said, SPAN_LIT("TOY")))
        return ak_profile_fail(x, SITUS_MALFORMED, "toy", "TOY", NULL, NULL);
    claim_bytes(x->claims, CLAIM_FACILITY, span_cut(x->said, 3, x->said.n - 3));
    return true;
}

const struct ak_profile_does toy_ak_profile = {
    .eku = "2.23.133.8.3", .extension = "1.2.3.4", .check = check_toy};
