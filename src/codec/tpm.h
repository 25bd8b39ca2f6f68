/*
 * The three TPM structures of a quote, TPMS_ATTEST, TPMT_SIGNATURE and TPMT_PUBLIC (TCG TPM 2.0
 * Library, part 2: 10.12, 11.3.4, 12.2.4), as plain spans and numbers. Read by struct rd and not by
 * tss2-mu, which copies, tells no offset, takes any number as a truth value and 16 selections;
 * tests hold both readers against each other.
 */
#ifndef SITUS_CODEC_TPM_H
#define SITUS_CODEC_TPM_H

#include "base/err.h"
#include "base/limits.h"
#include "base/span.h"

#define TPM_GENERATED 0xff544347   /* part 2, 6.2: TPM_GENERATED_VALUE */
#define TPM_ST_ATTEST_QUOTE 0x8018 /* part 2, 6.9 */
#define TPM_SELECT_SIZE 3          /* PCR_SELECT_MIN of the PC Client profile: 24 registers */

/* TPM_ALG_ID (part 2, 6.3), the ones that are no hashes. */
enum tpm_alg {
    TPM_ALG_RSA = 0x0001,
    TPM_ALG_NULL = 0x0010,
    TPM_ALG_RSASSA = 0x0014,
    TPM_ALG_RSAPSS = 0x0016,
    TPM_ALG_ECDSA = 0x0018,
    TPM_ALG_ECC = 0x0023
};

/* TPM_ECC_CURVE (part 2, 6.4). */
enum tpm_curve { TPM_ECC_NIST_P256 = 0x0003, TPM_ECC_NIST_P384 = 0x0004 };

/* TPMA_OBJECT (part 2, 8.3.2). */
enum tpm_attribute {
    TPMA_FIXED_TPM = 1 << 1,
    TPMA_FIXED_PARENT = 1 << 4,
    TPMA_SENSITIVE_DATA_ORIGIN = 1 << 5,
    TPMA_USER_WITH_AUTH = 1 << 6,
    TPMA_ADMIN_WITH_POLICY = 1 << 7,
    TPMA_NO_DA = 1 << 10,
    TPMA_RESTRICTED = 1 << 16,
    TPMA_DECRYPT = 1 << 17,
    TPMA_SIGN = 1 << 18
};

/* One bank of a selection: TPMS_PCR_SELECTION (part 2, 10.6.2). */
struct tpm_selection {
    uint16_t hash; /* TPM_ALG_ID */
    uint32_t mask; /* bit i: PCR i */
};

/* TPMS_ATTEST of a quote. When is_quote is false only magic and type are set. */
struct tpm_attest {
    bool is_quote; /* magic and type are a quote's */
    uint32_t magic;
    uint16_t type;
    struct span qualified_signer, extra_data;
    uint64_t clock;
    uint32_t reset_count, restart_count;
    bool safe;
    uint64_t firmware_version;
    struct tpm_selection selection[LIMIT_PCR_SELECTIONS];
    size_t n_selections;
    struct span pcr_digest;
};

/* TPMT_SIGNATURE. For RSA schemes rsa is set, for ECDSA r and s. */
struct tpm_signature {
    uint16_t alg, hash;
    struct span rsa, r, s;
};

/* TPMT_PUBLIC of an RSA or ECC key. */
struct tpm_public {
    struct span whole; /* the bytes that the Name and AKH hash */
    uint16_t type, name_alg;
    uint32_t attributes;
    struct span auth_policy;
    uint16_t scheme, scheme_hash; /* hash 0 when the scheme is TPM_ALG_NULL */
    uint16_t bits;                /* RSA */
    uint32_t exponent;            /* RSA; 0 in the structure is given as 65537 */
    struct span modulus;          /* RSA */
    uint16_t curve;               /* ECC */
    struct span x, y;             /* ECC */
};

/* tpm_attest_read reads a TPMS_ATTEST to its last byte. Of one that is no quote it reads magic and
 * type only: what follows has no known form. Part 2, 10.12. */
bool tpm_attest_read(struct tpm_attest *a, struct span bytes, struct situs_err *err);

/* tpm_signature_read reads a TPMT_SIGNATURE (RSASSA, RSAPSS, ECDSA) to its last byte; other
 * algorithms, TPM_ALG_NULL included, are unsupported. Part 2, 11.3.4. */
bool tpm_signature_read(struct tpm_signature *s, struct span bytes, struct situs_err *err);

/* tpm_public_read reads a TPMT_PUBLIC (RSA, ECC) to its last byte. Symmetric definition and KDF
 * must be TPM_ALG_NULL, as in every signing key. Part 2, 12.2.4. */
bool tpm_public_read(struct tpm_public *p, struct span bytes, struct situs_err *err);

#endif
