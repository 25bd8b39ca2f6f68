/* Compact JWS made at will for tests, signed with Ed25519 keys that are made of one byte. */
#ifndef SITUS_TESTS_SOFT_JWS_H
#define SITUS_TESTS_SOFT_JWS_H

#include "base/span.h"

/* soft_jws_key is the public key of the private key whose 32 bytes are all seed. */
void soft_jws_key(uint8_t out[32], uint8_t seed);

/* soft_jws writes the token of a header and a payload, signed; it lives until the next call. */
struct span soft_jws(const char *header, const char *payload, uint8_t seed);

#endif
