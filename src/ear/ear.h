/* The claims of a token, an EAR (draft-ietf-rats-ear-04) with situs' own claims beside it. Reading
 * judges nothing but its form. */
#ifndef SITUS_EAR_EAR_H
#define SITUS_EAR_EAR_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/verify.h"
#include "ear/ear_names.h"

/* Texts lie in the arena and end in a zero byte. */
struct ear {
    const char *issuer, *subject, *audience, *id, *policy_name, *challenger, *status;
    int64_t issued, not_before, expires;
    int64_t judges, builds;
    uint8_t policy[32], channel[32];
    uint8_t nonce[EAR_NONCE_MAX];
    size_t nonce_size; /* 0: none */
    uint8_t point[VERIFY_POINT_MAX];
    size_t point_size; /* of cnf.jwk; 0: none */
    bool simulated, bearer;
    unsigned proofs; /* PROOF_*: said to hold */
};

/* ear_read reads a claim set to its last byte. Claims that are not known are passed over (draft-04,
 * 3.2.1), numbers are integers. Errors have the part "token" and the claim's name. */
bool ear_read(struct ear *e, struct span payload, struct arena *a, struct situs_err *err);

#endif
