/*
 * Signed tokens in the compact form (RFC 7515 7.1): EdDSA over Ed25519 (RFC 8037), ES256 and ES384
 * (RFC 7518 3.4), and RS256 (3.3). Keys are arguments, and no header names, fetches or carries one.
 */
#ifndef SITUS_CRYPTO_JWS_H
#define SITUS_CRYPTO_JWS_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/verify.h"

#define JWS_KEY_SIZE 32 /* an Ed25519 public key (RFC 8032 5.1.5) */

/*
 * jws_open verifies the token under one of the n keys, each of JWS_KEY_SIZE bytes, and decodes its
 * payload into the arena. Other algorithms than EdDSA are unsupported; header members besides alg,
 * typ and kid are not allowed; a kid must be the hex form of a key, or of none if it is absent.
 * Error fields are token, header, payload and signature, and the members of the header by their
 * own names.
 */
bool jws_open(struct span *payload, struct span token, const struct span *keys, size_t n,
              struct arena *a, const char *part, struct situs_err *err);

/* jws_read does all of it but the signature: what it gives is nobody's word yet. */
bool jws_read(struct span *payload, struct span token, struct arena *a, const char *part,
              struct situs_err *err);

/* A key that a caller trusts for tokens of ES256 (on P-256) or ES384 (on P-384), and its name. */
struct jws_key {
    struct public_key *key;
    enum curve curve;
    struct span kid;
};

/*
 * jws_open_ec is jws_open under one of n such keys. The algorithm is the key's, typ must be there and
 * be this (RFC 8725 3.11), and a kid must be a key's name; without one each key is tried.
 */
bool jws_open_ec(struct span *payload, struct span token, const char *typ,
                 const struct jws_key *keys, size_t n, struct arena *a, struct situs_err *err);

/* An RSA key that a caller trusts for tokens of RS256: its modulus, big-endian, of the exponent 65537,
 * or a DER certificate, of which the key alone counts; and its name. */
struct jws_rsa {
    struct span kid, modulus, cert;
};

/* jws_rsa_reads says that it is one, of 2048 to 4096 bits. */
bool jws_rsa_reads(const struct jws_rsa *key, const char *part, struct situs_err *err);

/*
 * jws_open_rsa is jws_open under one of n such keys; jws_read_rsa is jws_read. The one algorithm is
 * RS256: none, and HMAC under a public key's bytes, are unsupported (RFC 8725 3.1, 3.2). jku may stand
 * in the header and is never read. A kid must be a key's name; without one each key is tried.
 */
bool jws_open_rsa(struct span *payload, struct span token, const struct jws_rsa *keys, size_t n,
                  struct arena *a, const char *part, struct situs_err *err);
bool jws_read_rsa(struct span *payload, struct span token, struct arena *a, const char *part,
                  struct situs_err *err);

#endif
