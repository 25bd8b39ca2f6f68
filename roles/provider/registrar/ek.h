/*
 * Endorsement keys as the registrar sees them: the TPMT_PUBLIC that a client sends must be one of
 * the TCG's templates (EK Credential Profile 2.5, B.3) around the key of the EK certificate.
 */
#ifndef SITUS_PROVIDER_REGISTRAR_EK_H
#define SITUS_PROVIDER_REGISTRAR_EK_H

#include "crypto/verify.h"
#include "crypto/x509.h"

#define EK_PART "ek"
#define EK_NAME_MAX 66

struct ek {
    enum hash name_alg;
    unsigned aes_bits; /* of the storage protection that wraps credentials */
    bool rsa;
    enum curve curve;
    struct span modulus; /* RSA-2048, exponent 65537 */
    struct span x, y;    /* ECC, as long as the field */
    uint8_t name[EK_NAME_MAX];
    size_t name_size;
};

static inline struct span ek_name(const struct ek *ek)
{
    return span_of(ek->name, ek->name_size);
}

/* ek_read reads a TPMT_PUBLIC to its last byte; templates L-1, L-2 and H-1 to H-3. Views into
 * public. */
bool ek_read(struct ek *ek, struct span public, struct situs_err *err);

/* ek_is_certified says that the certificate is of this key. */
bool ek_is_certified(const struct ek *ek, const struct x509 *cert, struct situs_err *err);

/* A Name (TPM 2.0 part 1, 16). */
struct ek_name {
    uint8_t bytes[EK_NAME_MAX];
    size_t n;
};

/* ek_names_of writes the Names that an EK of this key has, one for each template of ek_read that it
 * fits; none for a key of another kind. False: no memory, or more than max. */
bool ek_names_of(const struct public_key *key, struct ek_name *names, size_t max, size_t *n);

/* ek_fingerprint is the fleet's key of an EK: SHA-256 of its SubjectPublicKeyInfo. */
bool ek_fingerprint(const struct x509 *cert, uint8_t out[32]);

#endif
