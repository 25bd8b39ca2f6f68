/* Names of claims; see ear_names.h. */
#include "ear/ear_names.h"

#include <stdio.h>

char *ear_proof_name(char claim[EAR_PROOF_NAME], const char *proof)
{
    snprintf(claim, EAR_PROOF_NAME, "situs_%s", proof);
    for (char *p = claim; *p; p++)
        if (*p == '-')
            *p = '_';
    return claim;
}
