/* ECDSA over NIST P-256 with SHA-256 (FIPS 186-5): the one signature of Intel's SGX and TDX
 * chains. */
#ifndef SITUS_CRYPTO_P256_H
#define SITUS_CRYPTO_P256_H

#include "base/span.h"

/* A public key ready to verify; owned by who made it, read-only and thread-shareable once made. */
struct p256_key;

/* p256_key_new imports the affine point x || y (64 bytes, big-endian). NULL when it is not a point
 * of the curve, or OpenSSL fails. Free with p256_key_free. */
struct p256_key *p256_key_new(const uint8_t xy[64]);

/* p256_key_new_like is p256_key_new with the curve's constants copied from another key, which is
 * five times faster (2 us); the keys do not depend on each other afterwards. */
struct p256_key *p256_key_new_like(const struct p256_key *other, const uint8_t xy[64]);

/* p256_key_free accepts NULL. */
void p256_key_free(struct p256_key *key);

/* p256_key_tabulate makes a table for a key whose signatures come often (ec_table.h says what it
 * costs), before the key is shared. False: there is none, and the key verifies as before. */
bool p256_key_tabulate(struct p256_key *key);

struct hot_keys;

/* p256_key_count: signatures by this key count in hot from now on; the key belongs to its thread,
 * and is used no more once hot is freed. */
void p256_key_count(struct p256_key *key, struct hot_keys *hot);

/* p256_key_is says that the key is the point x || y. */
bool p256_key_is(const struct p256_key *key, const uint8_t xy[64]);

/* p256_verify says that rs (r || s, 64 bytes, big-endian, both in [1, n-1]) signs the 32-byte
 * digest. It leaves OpenSSL's error queue empty. */
bool p256_verify(const struct p256_key *key, const uint8_t digest[32], const uint8_t rs[64]);

/* p256_verify_message hashes the message with SHA-256 first. */
bool p256_verify_message(const struct p256_key *key, struct span message, const uint8_t rs[64]);

#endif
