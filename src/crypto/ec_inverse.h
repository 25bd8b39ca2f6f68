/* The inverse of a public number modulo the order of a curve. Inside crypto/ only. */
#ifndef SITUS_CRYPTO_EC_INVERSE_H
#define SITUS_CRYPTO_EC_INVERSE_H

#include <openssl/types.h>
#include <stdbool.h>

/* ec_inverse is a^-1 modulo n, the odd order of a curve, 0 < a < n, a and n without a common factor;
 * fast for P-256 and P-384. Its time tells a. False when OpenSSL fails; what it gives was multiplied
 * by a, and is right whatever this file does. */
bool ec_inverse(BIGNUM *out, const BIGNUM *a, const BIGNUM *n, BN_CTX *ctx);

#endif
