/*
 * A table of multiples of one public key (P-256, P-384), by which its ECDSA signatures are verified
 * about twice as fast (ec_equation.h). Inside crypto/ only.
 */
#ifndef SITUS_CRYPTO_EC_TABLE_H
#define SITUS_CRYPTO_EC_TABLE_H

#include <openssl/ec.h>
#include <stdbool.h>

/* Read-only and thread-shareable once made. */
struct ec_table;

/* ec_table_new makes the table of a key, on OpenSSL's heap: 148 KiB of P-256, 280 KiB of P-384. It
 * costs as much as several hundred verifications on P-256, as four on P-384. NULL: no memory, no
 * key on these curves, or an OpenSSL that has no tables. Free with ec_table_free. */
struct ec_table *ec_table_new(const EC_KEY *key);

/* ec_table_free accepts NULL. */
void ec_table_free(struct ec_table *table);

/* ec_table_sum sets out, a point of the key's curve, to u1 G + u2 Q, where Q is the key. False: the
 * table is another key's, or OpenSSL fails. */
bool ec_table_sum(const struct ec_table *table, const EC_KEY *key, const BIGNUM *u1,
                  const BIGNUM *u2, EC_POINT *out, BN_CTX *ctx);

#endif
