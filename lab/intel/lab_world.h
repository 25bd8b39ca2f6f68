/*
 * The lab's Intel: an own root of trust, made at run time, that signs the same bytes as the real
 * one. Nothing but the trust anchor tells its evidence from real evidence.
 */
#ifndef SITUS_LAB_INTEL_WORLD_H
#define SITUS_LAB_INTEL_WORLD_H

#include <openssl/evp.h>

#include "lab/intel/lab_buf.h"

/* A world holds keys, the signatures made with them, and all memory that its makers hand out. */
struct lab_world;

/* lab_world_new is a world whose honest items are all in date at the time at (Unix seconds). */
struct lab_world *lab_world_new(int64_t at);

/* lab_world_open is the world that lab_world_save wrote to a file; a new one, for this time, where
 * there is none of the last days. */
struct lab_world *lab_world_open(const char *path, int64_t now);

/* lab_world_save writes time, keys and signatures of a world, for the same Intel another day. */
void lab_world_save(const struct lab_world *w, const char *path);

/* lab_world_free frees the world and every span that was made in it. Accepts NULL. */
void lab_world_free(struct lab_world *w);

/* lab_world_at is the time that the world was made for. */
int64_t lab_world_at(const struct lab_world *w);

/* lab_world_keep hands the bytes over to the world, which frees them; b is empty afterwards. */
struct span lab_world_keep(struct lab_world *w, struct lab_buf *b);

/* Who holds a key. A structure's description names keys by these, so a test lets the wrong one
 * sign. */
enum lab_key {
    LAB_KEY_ROOT,
    LAB_KEY_PLATFORM_CA,
    LAB_KEY_PROCESSOR_CA,
    LAB_KEY_TCB_SIGNING,
    LAB_KEY_CHANNEL,      /* the guest's TLS key */
    LAB_KEY_IMPOSTOR,     /* somebody else's: another root, another CA ... */
    LAB_KEY_MACHINE = 16, /* machine m: PCK key 16 + 2m, attestation key 17 + 2m */
    LAB_KEYS = 64
};
#define LAB_KEY_PCK(machine) ((enum lab_key)(LAB_KEY_MACHINE + 2 * (machine)))
#define LAB_KEY_ATTESTATION(machine) ((enum lab_key)(LAB_KEY_MACHINE + 2 * (machine) + 1))

/* lab_key_pair is the P-256 key pair, generated at first use; the world owns it. */
EVP_PKEY *lab_key_pair(struct lab_world *w, enum lab_key key);

/* lab_key_point is the public key as x || y, big-endian: the form that quotes carry. */
void lab_key_point(struct lab_world *w, enum lab_key key, uint8_t xy[64]);

/* lab_key_id is the SHA-1 of the uncompressed point: subjectKeyIdentifier (RFC 5280 4.2.1.2). */
void lab_key_id(struct lab_world *w, enum lab_key key, uint8_t id[20]);

/*
 * lab_key_sign signs with ECDSA and SHA-256; the result is r || s, big-endian. A world signs one
 * message with one key only once and remembers it, so that equal descriptions give equal bytes: a
 * CA certificate in a quote is the one in the collateral.
 */
void lab_key_sign(struct lab_world *w, enum lab_key key, struct span message, uint8_t rs[64]);

/* lab_hash256 and lab_hash384 are SHA-2 digests. */
void lab_hash256(uint8_t out[32], struct span s);
void lab_hash384(uint8_t out[48], struct span s);

#endif
