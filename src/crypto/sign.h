/* Private keys for programs that issue: ECDSA on P-256 and P-384 (FIPS 186-5) by OpenSSL. */
#ifndef SITUS_CRYPTO_SIGN_H
#define SITUS_CRYPTO_SIGN_H

#include "crypto/verify.h"

/* A private key. Its bytes are wiped when it is freed. */
struct sign_key;

#define SIGN_KEY_MAX (16 * 1024) /* bytes of a PEM file with one key */

/* sign_key_read reads the one private key of a PEM text (PKCS #8 or SEC 1, not encrypted); what
 * stands around it is ignored. NULL and err on failure; free with sign_key_free. */
struct sign_key *sign_key_read(struct span pem, const char *part, struct situs_err *err);

/* sign_key_free accepts NULL. */
void sign_key_free(struct sign_key *key);

/* sign_key_public is the public half; it lives as long as the key. */
const struct public_key *sign_key_public(const struct sign_key *key);

/* sign_digest signs what was hashed with the hash of sign_hash into r || s (RFC 9053, 2.1) of at most
 * VERIFY_POINT_MAX bytes, and returns their size; 0 when OpenSSL fails. */
size_t sign_digest(const struct sign_key *key, struct span digest, uint8_t *rs);

/* sign_hash is the hash that goes with the key's curve. */
enum hash sign_hash(const struct sign_key *key);

#endif
