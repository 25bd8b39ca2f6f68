/* Public keys as JOSE has them (RFC 7517, RFC 7518 6.2): the names of an EC key, its form, and what is asked of any. */
#ifndef SITUS_CRYPTO_JWK_H
#define SITUS_CRYPTO_JWK_H

#include "codec/json/json.h"
#include "codec/json_out.h"
#include "crypto/verify.h"

#define JWK_KID 44 /* letters of SHA-256 in base64url, and a zero byte */

/* jwk_alg is the algorithm that goes with a curve: "ES256" or "ES384". */
const char *jwk_alg(enum curve curve);

/* jwk_members writes crv, kty, x and y of a point x || y (64 or 96 bytes) into an open object, in the
 * order of RFC 7638, 3.3. */
void jwk_members(struct json_out *o, struct span point);

/* jwk_thumbprint writes the RFC 7638 thumbprint of an ECDSA key; false for another key, and when
 * OpenSSL fails. */
bool jwk_thumbprint(const struct public_key *key, char kid[JWK_KID]);

/* jwk_is says that an optional member of a key is absent, or a text which is one of two; two may be NULL. */
bool jwk_is(const struct json *key, const char *name, const char *one, const char *two);

/* jwk_public refuses a key with a secret in it, private (d) or symmetric (k): such a set is nobody's own any longer. The
 * hint is the caller's. */
bool jwk_public(const struct json *key, const char *hint, struct situs_err *err);

#endif
