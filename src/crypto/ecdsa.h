/* ECDSA (FIPS 186-5, 6.4.2) by OpenSSL: the plain path, and which keys have tables. Inside crypto/
 * only. */
#ifndef SITUS_CRYPTO_ECDSA_H
#define SITUS_CRYPTO_ECDSA_H

#include "crypto/ec_equation.h"
#include "crypto/hot_keys.h"

/* ecdsa_verify says that the key signed the digest: by the key's own table, else by that of hot
 * (each may be NULL), else without. The answer is the same. It leaves OpenSSL's error queue empty.
 */
bool ecdsa_verify(const EC_KEY *key, const struct ec_table *own, struct hot_keys *hot,
                  const struct ec_signature *signature);

/* hot_keys_table is the table of a key; NULL: it has none, or not yet. */
const struct ec_table *hot_keys_table(struct hot_keys *hot, const EC_KEY *key);

/* hot_keys_used counts a signature that held, verified without a table. */
void hot_keys_used(struct hot_keys *hot, const EC_KEY *key);

#endif
