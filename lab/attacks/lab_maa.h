/* Another verifier in the lab, with tokens as Microsoft Azure Attestation's (DESIGN: other verifiers): RS256,
 * and the TD's registers by their names. Format: src/endorse/vouch/maa_token.h. */
#ifndef SITUS_LAB_ATTACKS_MAA_H
#define SITUS_LAB_ATTACKS_MAA_H

#include "lab/attacks/lab_stage.h"

#define LAB_MAA_ISSUER "https://lab.attest.invalid"
#define LAB_MAA_POLICY "labs-own-policy"

/* lab_maa_trust is the verifier as the trust file has it. */
struct span lab_maa_trust(struct lab_stage *s);

/* How a token is made; what is not given is the verifier's own way. */
struct lab_maa {
    EVP_PKEY *key;
    const char *alg; /* RS256, HS256 under the verifier's modulus, or none */
    const char *issuer, *policy, *compliance;
    int64_t until; /* seconds from now */
};

/* lab_maa_token is a token for a TD's quote. */
struct span lab_maa_token(struct lab_stage *s, struct span quote, const struct lab_maa *how);

#endif
