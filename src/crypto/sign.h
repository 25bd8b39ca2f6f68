/* Private keys for programs that issue: ECDSA on P-256 and P-384 (FIPS 186-5) by OpenSSL. */
#ifndef SITUS_CRYPTO_SIGN_H
#define SITUS_CRYPTO_SIGN_H

#include "crypto/verify.h"

/* A private key, here or in a token. Its bytes are wiped when it is freed. */
struct sign_key;

#define SIGN_KEY_MAX (16 * 1024) /* bytes of a PEM file with one key */

/* sign_key_read reads the one private key of a PEM text (PKCS #8 or SEC 1, not encrypted); what
 * stands around it is ignored. NULL and err on failure; free with sign_key_free. */
struct sign_key *sign_key_read(struct span pem, const char *part, struct situs_err *err);

/* sign_key_unlock is the same of a key that may be encrypted, with its passphrase (empty: none).
 * Refused: missing, "passphrase"; mismatch, "passphrase". sign_key_is_locked says that it is
 * encrypted. */
struct sign_key *sign_key_unlock(struct span pem, struct span passphrase, const char *part,
                                 struct situs_err *err);
bool sign_key_is_locked(struct span pem);

/*
 * sign_key_open opens a key in a token by its PKCS #11 URI (RFC 7512), with OpenSSL's engine pkcs11,
 * which is loaded for that and for nothing else; the module is the URI's module-path, or the
 * engine's own. pin (empty: none) is the token's; one that the URI names counts before it.
 */
struct sign_key *sign_key_open(const char *uri, struct span pin, const char *part,
                               struct situs_err *err);
bool sign_key_is_uri(const char *name);

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
