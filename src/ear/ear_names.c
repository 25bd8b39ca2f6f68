/* Names of claims; see ear_names.h. */
#include "ear/ear_names.h"

#include "model/policy.h"

#include <stdio.h>

const struct ear_dialect ear_dialects[EAR_DIALECTS] = {
#define DIALECT(id, word, profile, status, verifier, vector, policy, attester, added, tee, first) \
    {word, profile, status, verifier, vector, policy, attester, added, tee, first},
#include "ear/ear_dialects.def"
#undef DIALECT
};

const struct ear_dialect *ear_dialect_of(struct span profile)
{
    for (size_t i = 0; i < EAR_DIALECTS; i++)
        if (span_equal(profile, span_text(ear_dialects[i].profile)))
            return &ear_dialects[i];
    return NULL;
}

char *ear_proof_name(char claim[EAR_PROOF_NAME], const char *proof)
{
    snprintf(claim, EAR_PROOF_NAME, "situs_%s", proof);
    for (char *p = claim; *p; p++)
        if (*p == '-')
            *p = '_';
    return claim;
}
