/* Hashes (FIPS 180-4) and their identifiers in the TPM, in logs and in text; rows in algs.def. */
#ifndef SITUS_CRYPTO_DIGEST_H
#define SITUS_CRYPTO_DIGEST_H

#include "base/span.h"

enum hash {
    HASH_NONE,
#define HASH(name, text, tpm_alg, size, evp) HASH_##name,
#include "crypto/algs.def"
#undef HASH
    HASH_COUNT
};

#define HASH_MAX_SIZE 64

/* hash_size is the digest size in bytes; 0 for HASH_NONE. */
size_t hash_size(enum hash h);

/* hash_name is the lower-case name ("sha256"); "none" for HASH_NONE. */
const char *hash_name(enum hash h);

/* hash_by_name finds a hash by its lower-case name; HASH_NONE when unknown. */
enum hash hash_by_name(struct span name);

/* hash_by_tpm finds a hash by its TPM_ALG_ID (TPM 2.0 part 2, 6.3); HASH_NONE when unknown. */
enum hash hash_by_tpm(uint16_t alg);

/* hash_tpm is the TPM_ALG_ID of a hash. */
uint16_t hash_tpm(enum hash h);

/* digest hashes in; out holds hash_size(h) bytes. False when h is HASH_NONE or OpenSSL fails. */
bool digest(enum hash h, struct span in, uint8_t *out);

/* digest2 hashes a || b, as an extend of a register does; out may be a.p. */
bool digest2(enum hash h, struct span a, struct span b, uint8_t *out);

/* digest_parts hashes the concatenation of n parts. */
bool digest_parts(enum hash h, const struct span *parts, size_t n, uint8_t *out);

/*
 * A hash over bytes that come one after another. digest_begin is NULL when OpenSSL fails;
 * digest_end writes the digest, false when any step failed, and frees h; it accepts NULL.
 */
struct digest_stream;
struct digest_stream *digest_begin(enum hash h);
void digest_add(struct digest_stream *s, struct span bytes);
bool digest_end(struct digest_stream *s, uint8_t *out);

#endif
