/*
 * Key sets (RFC 7517, 5) as issuers of tokens publish them. What is not a key for ES256 or ES384
 * signatures is passed over, as the RFC has it; a key of that kind that does not read refuses the
 * set, and so does one that nobody may publish.
 */
#ifndef SITUS_EAR_JWKS_H
#define SITUS_EAR_JWKS_H

#include "crypto/jwk.h"
#include "crypto/jws.h"

#define JWKS_KEYS 16

struct jwks {
    struct jws_key v[JWKS_KEYS];
    size_t n;
};

/* jwks_read reads a set of at least one usable key; names lie in the arena. A key without kid is
 * called by its thumbprint (RFC 7638). Errors have part. Free with jwks_free, also after failure. */
bool jwks_read(struct jwks *set, struct span text, struct arena *a, const char *part,
               struct situs_err *err);
void jwks_free(struct jwks *set);

/* jwks_key reads the members of one EC key into x || y (VERIFY_POINT_MAX bytes) and its size: crv
 * is P-256 or P-384, coordinates are whole (RFC 7518, 6.2.1). */
struct json;
bool jwks_key(const struct json *key, uint8_t *point, size_t *size, struct situs_err *err);

#endif
