/*
 * A table of multiples of one public key (P-256, P-384), by which its ECDSA signatures (FIPS 186-5,
 * 6.4.2) are verified about twice as fast. The plain path is ecdsa.c. Inside crypto/ only.
 */
#ifndef SITUS_CRYPTO_EC_TABLE_H
#define SITUS_CRYPTO_EC_TABLE_H

#include "base/span.h"

#include <openssl/types.h>

/* What is verified: r and s big-endian, of any length. Of a digest the leftmost bytes count, as
 * many as the order of the curve has. */
struct ec_signature {
    struct span digest, r, s;
};

/* Read-only and thread-shareable once made. */
struct ec_table;

/* ec_table_new makes the table of a key, on OpenSSL's heap: 148 KiB of P-256, 280 KiB of P-384. It
 * costs as much as several hundred verifications on P-256, as four on P-384. NULL: no memory, no
 * key on these curves, or an OpenSSL that has no tables. Free with ec_table_free. */
struct ec_table *ec_table_new(const EC_KEY *key);

/* ec_table_free accepts NULL. */
void ec_table_free(struct ec_table *table);

/* EC_UNKNOWN is no answer: the plain path has to be asked. */
enum ec_answer { EC_UNKNOWN, EC_WRONG, EC_HOLDS };

/* ec_table_verify says whether the key signed the digest. EC_UNKNOWN: the table is another key's,
 * or something failed that says nothing of the signature, as memory. It may leave OpenSSL's error
 * queue dirty. */
enum ec_answer ec_table_verify(const struct ec_table *table, const EC_KEY *key,
                               const struct ec_signature *signature);

#endif
