/*
 * An attestation key: one object for ak.*, tpm.signature and bind.*, so that no two checks can
 * speak of two keys.
 */
#ifndef SITUS_CRYPTO_AK_H
#define SITUS_CRYPTO_AK_H

#include "codec/tpm.h"
#include "crypto/key_cache.h"

struct ak {
    struct public_key *key;
    struct hot_keys *hot; /* where uses of the key count; NULL: nowhere */
    bool has_public; /* false: the key came from its certificate; public, name, hash are empty */
    struct tpm_public public;
    uint8_t name[2 + HASH_MAX_SIZE]; /* nameAlg || H_nameAlg(TPMT_PUBLIC) (TPM 2.0 part 1, 16) */
    size_t name_size;
    uint8_t hash[32]; /* AKH = SHA-256(TPMT_PUBLIC) (DESIGN: messages) */
};

/* ak_read reads a TPMT_PUBLIC to its last byte and makes the key. Free with ak_free. */
bool ak_read(struct ak *ak, struct span public, struct situs_err *err);

/* ak_read_known is ak_read with the key from the cache, by AKH, where it is there; NULL: none. */
bool ak_read_known(struct ak *ak, struct span public, struct key_cache *cache,
                   struct situs_err *err);

/* ak_from_certificate takes the key of a DER certificate, for evidence without TPMT_PUBLIC. Zero
 * bytes after the certificate are left to ak.certificate to judge. Free with ak_free. */
bool ak_from_certificate(struct ak *ak, struct span der, struct situs_err *err);

/* ak_name is the Name; empty when has_public is false. */
struct span ak_name(const struct ak *ak);

/* ak_free accepts the zero state and leaves it. */
void ak_free(struct ak *ak);

#endif
