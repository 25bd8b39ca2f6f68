/*
 * Public keys and their signatures by OpenSSL: RSASSA-PKCS1-v1_5, RSASSA-PSS (RFC 8017), ECDSA
 * (FIPS 186-5). Weak keys are refused when a key is made, so whoever holds one need not ask.
 */
#ifndef SITUS_CRYPTO_VERIFY_H
#define SITUS_CRYPTO_VERIFY_H

#include "base/err.h"
#include "base/span.h"
#include "crypto/digest.h"

/* A public key ready to verify; read-only and thread-shareable once made. */
struct public_key;

enum curve { CURVE_P256, CURVE_P384 };

enum scheme { SCHEME_NONE, SCHEME_RSASSA, SCHEME_RSAPSS, SCHEME_ECDSA };

/* verify_key_rsa makes a key of a big-endian modulus. Refuses fewer than 2048 or more than 4096
 * bits, and every exponent but 65537. Free with verify_key_free. NULL and err on failure. */
struct public_key *verify_key_rsa(struct span modulus, uint32_t exponent, const char *part,
                                  struct situs_err *err);

/* verify_key_ec makes a key of the big-endian affine coordinates, each at most as long as the
 * curve's field. NULL and err when it is not a point of the curve. */
struct public_key *verify_key_ec(enum curve curve, struct span x, struct span y, const char *part,
                                 struct situs_err *err);

/* verify_key_spki makes a key of a DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), to its last byte,
 * under the rules of verify_key_rsa and verify_key_ec. A curve by its parameters, and a point that RFC 5480
 * does not have (hybrid, infinity), are refused. */
struct public_key *verify_key_spki(struct span der, const char *part, struct situs_err *err);

/* verify_key_take takes over a key that OpenSSL decoded as part of something else (NULL: it could
 * not), under the same rules; on failure it frees it. */
struct public_key *verify_key_take(struct public_key *key, const char *part, struct situs_err *err);

/* verify_key_share is another hold on the key: it lives until each is freed. NULL on failure. */
struct public_key *verify_key_share(struct public_key *key);

/* verify_key_free accepts NULL. */
void verify_key_free(struct public_key *key);

/* verify_key_equal says that both are the same public key. */
bool verify_key_equal(const struct public_key *a, const struct public_key *b);

/* verify_key_is_rsa tells RSA keys from ECDSA keys. */
bool verify_key_is_rsa(const struct public_key *key);

/* verify_key_on says that the key is an ECDSA key on that curve. */
bool verify_key_on(const struct public_key *key, enum curve curve);

#define VERIFY_POINT_MAX 96 /* bytes of x || y on P-384 */

/* verify_key_point writes the affine coordinates x || y of an ECDSA key, each as long as the
 * curve's field, into VERIFY_POINT_MAX bytes, and returns their size; 0 for another key. */
size_t verify_key_point(const struct public_key *key, uint8_t *xy);

/* verify_rsa says that the signature, exactly as long as the modulus, signs the message by
 * SCHEME_RSASSA or SCHEME_RSAPSS. Hash: SHA-256, SHA-384 or SHA-512; others are refused. */
bool verify_rsa(const struct public_key *key, enum scheme scheme, enum hash hash,
                struct span message, struct span signature);

/* verify_ecdsa_raw is verify_ecdsa of r || s, each as long as the curve's field (RFC 9053, 2.1). */
bool verify_ecdsa_raw(const struct public_key *key, enum hash hash, struct span message,
                      struct span rs);

struct hot_keys; /* hot_keys.h: tables for keys that come again */

/* verify_ecdsa_digest is verify_ecdsa_raw of a message that is already hashed. Where hot is given,
 * uses of the key count there. */
bool verify_ecdsa_digest(const struct public_key *key, struct hot_keys *hot, struct span digest,
                         struct span rs);

/* verify_ecdsa says that (r, s), big-endian, signs the message. Hashes as verify_rsa. */
bool verify_ecdsa(const struct public_key *key, enum hash hash, struct span message, struct span r,
                  struct span s);

/* verify_ecdsa_known is verify_ecdsa; where hot is given, uses of the key count there. */
bool verify_ecdsa_known(const struct public_key *key, struct hot_keys *hot, enum hash hash,
                        struct span message, struct span r, struct span s);

#endif
