/* Compact JWS made at will for tests, signed with Ed25519 keys that are made of one byte, or with RSA. */
#ifndef SITUS_TESTS_SOFT_JWS_H
#define SITUS_TESTS_SOFT_JWS_H

#include "base/span.h"

/* soft_jws_key is the public key of the private key whose 32 bytes are all seed. */
void soft_jws_key(uint8_t out[32], uint8_t seed);

/* soft_jws writes the token of a header and a payload, signed; it lives until the next call. */
struct span soft_jws(const char *header, const char *payload, uint8_t seed);

/* soft_jws_rsa is soft_jws with RSASSA-PKCS1-v1_5 and SHA-256 under a key of 2048 bits: the first or the
 * second of this run. soft_jws_modulus is its modulus, which lives as long as the program. */
struct span soft_jws_rsa(const char *header, const char *payload, unsigned key);
struct span soft_jws_modulus(unsigned key);

/* soft_jws_certificate is a self-signed certificate of that key, DER, until the next call. */
struct span soft_jws_certificate(unsigned key);

#endif
