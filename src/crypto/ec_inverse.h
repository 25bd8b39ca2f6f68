/* The inverse of a public number modulo the order of a curve. Inside crypto/ only. */
#ifndef SITUS_CRYPTO_EC_INVERSE_H
#define SITUS_CRYPTO_EC_INVERSE_H

#include <openssl/types.h>
#include <stdbool.h>

/* ec_inverse_scale is what ec_inverse needs to know of the odd modulus n, of at most 384 bits; NULL
 * on failure. Free with BN_free. */
BIGNUM *ec_inverse_scale(const BIGNUM *n, BN_CTX *ctx);

/* ec_inverse is a^-1 modulo n, 0 < a < n. Its time tells a. False when OpenSSL fails; what it gives
 * was multiplied by a, and is right whatever this file does. */
bool ec_inverse(BIGNUM *out, const BIGNUM *a, const BIGNUM *n, const BIGNUM *scale, BN_CTX *ctx);

#endif
