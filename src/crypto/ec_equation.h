/*
 * The equation of ECDSA (FIPS 186-5, 6.4.2) on P-256 and P-384: OpenSSL's points, our own inverse
 * (ec_inverse.h) and no division at the end. Inside crypto/ only.
 */
#ifndef SITUS_CRYPTO_EC_EQUATION_H
#define SITUS_CRYPTO_EC_EQUATION_H

#include "base/span.h"
#include "crypto/ec_table.h"

/* What is verified: r and s big-endian, of any length. Of a digest the leftmost bytes count, as
 * many as the order of the curve has. */
struct ec_signature {
    struct span digest, r, s;
};

/* EC_UNKNOWN is no answer: OpenSSL's own verification has to be asked. */
enum ec_answer { EC_UNKNOWN, EC_WRONG, EC_HOLDS };

/* ec_equation_holds says whether the key signed the digest: by the table, NULL: without any.
 * EC_UNKNOWN: the key is on another curve, the table another key's, or something failed that says
 * nothing of the signature, as memory. It may leave OpenSSL's error queue dirty. */
enum ec_answer ec_equation_holds(const struct ec_table *table, const EC_KEY *key,
                                 const struct ec_signature *signature);

#endif
