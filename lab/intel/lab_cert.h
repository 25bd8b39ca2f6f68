/*
 * Certificates of Intel's SGX/TDX hierarchy, byte for byte in Intel's form (Intel SGX PCK
 * Certificate and Certificate Revocation List Profile Specification 1.5):
 *
 *     Intel SGX Root CA                      self-signed, path length 1
 *      +- Intel SGX PCK Platform CA          path length 0: processors registered as a platform
 *      |   +- Intel SGX PCK Certificate      one a platform and TCB: the SGX extension
 *      +- Intel SGX PCK Processor CA         path length 0: single processors
 *      |   +- Intel SGX PCK Certificate
 *      +- Intel SGX TCB Signing              signs TCB info and QE identity
 */
#ifndef SITUS_LAB_INTEL_CERT_H
#define SITUS_LAB_INTEL_CERT_H

#include "lab/intel/lab_world.h"

#define LAB_CN_ROOT "Intel SGX Root CA"
#define LAB_CN_PLATFORM_CA "Intel SGX PCK Platform CA"
#define LAB_CN_PROCESSOR_CA "Intel SGX PCK Processor CA"
#define LAB_CN_PCK "Intel SGX PCK Certificate"
#define LAB_CN_TCB_SIGNING "Intel SGX TCB Signing"

#define LAB_DAY INT64_C(86400)

/* A machine as its PCK certificate describes it: extension 1.2.840.113741.1.13.1 (1.3.5). */
struct lab_platform {
    uint8_t ppid[16];       /* .1 names the processor package */
    uint8_t components[16]; /* .2.1 to .2.16, TCB component SVNs */
    uint16_t pcesvn;        /* .2.17 */
    uint8_t cpusvn[16];     /* .2.18 the raw form of the components */
    uint8_t pceid[2];       /* .3 */
    uint8_t fmspc[6];       /* .4 family, model, stepping, platform, custom SKU */
    uint8_t sgx_type;       /* .5: 0 standard, 1 scalable, 2 scalable with integrity */
    bool processor_ca;      /* certified by the processor CA: nothing of what follows */
    uint8_t piid[16];       /* .6 names the platform instance */
    bool dynamic_platform, cached_keys, smt_enabled; /* .7.1 to .7.3 */
    enum lab_key pck_key, attestation_key;           /* not in the extension: the machine's keys */
};

/* lab_platform_honest is machine number n (0 to 15): up to date, registered as a platform. */
struct lab_platform lab_platform_honest(unsigned n);

/* Extensions, in Intel's order; or-ed in leave_out. */
enum lab_extension {
    LAB_EXT_AUTHORITY_KEY_ID = 1,
    LAB_EXT_CRL_POINTS = 2,
    LAB_EXT_SUBJECT_KEY_ID = 4,
    LAB_EXT_KEY_USAGE = 8,
    LAB_EXT_BASIC_CONSTRAINTS = 16,
    LAB_EXT_SGX = 32
};

#define LAB_USAGE_CA 0x06   /* keyCertSign, cRLSign; 1 unused bit */
#define LAB_USAGE_LEAF 0xc0 /* digitalSignature, nonRepudiation; 6 unused bits */

struct lab_cert {
    const char *subject, *issuer; /* common names; O, L, ST, C are Intel's */
    enum lab_key key;             /* the subject's */
    enum lab_key issuer_key;      /* named in authorityKeyIdentifier */
    enum lab_key signing_key;     /* signs: the issuer's when honest */
    uint8_t serial[20];
    int64_t not_before, not_after;
    const char *crl_url;
    uint8_t key_usage;
    bool ca;
    int path_length; /* -1: none */
    bool has_sgx;
    struct lab_platform sgx;
    unsigned leave_out;                           /* enum lab_extension */
    struct span more_extensions;                  /* DER, put last; see lab_cert_extension */
    struct span more_sgx;                         /* DER, put last in the SGX extension */
    struct span spki;                             /* DER, instead of the P-256 key's */
    struct span inner_algorithm, outer_algorithm; /* DER, instead of ecdsa-with-SHA256 */
    struct lab_edit before[LAB_EDITS];            /* on the TBSCertificate, before it is signed */
    struct lab_edit after[LAB_EDITS];             /* on the whole certificate */
};

/* Honest certificates. */
struct lab_cert lab_cert_root(struct lab_world *w);
struct lab_cert lab_cert_platform_ca(struct lab_world *w);
struct lab_cert lab_cert_processor_ca(struct lab_world *w);
struct lab_cert lab_cert_tcb_signing(struct lab_world *w);
struct lab_cert lab_cert_pck(struct lab_world *w, const struct lab_platform *p);

/* lab_cert_make is the certificate, DER. */
struct span lab_cert_make(struct lab_world *w, const struct lab_cert *c);

/* lab_cert_extension is one Extension (RFC 5280 4.2), DER; oid is the content of its OID. */
struct span lab_cert_extension(struct lab_world *w, struct span oid, bool critical,
                               struct span value);

/* Certificates in the order of a PEM text, the leaf first; drop, swap and repeat at will. */
#define LAB_CHAIN 6
struct lab_chain {
    struct lab_cert certs[LAB_CHAIN];
    size_t n;
    struct lab_edit edits[LAB_EDITS]; /* on the PEM text */
};

/* Honest chains: PCK, its CA, root (in quotes); CA, root (of a CRL); TCB signing, root. */
struct lab_chain lab_chain_pck(struct lab_world *w, const struct lab_platform *p);
struct lab_chain lab_chain_ca(struct lab_world *w, bool processor_ca);
struct lab_chain lab_chain_tcb(struct lab_world *w);

/* lab_chain_pem is the PEM text (RFC 7468, lines of 64) of the chain. */
struct span lab_chain_pem(struct lab_world *w, const struct lab_chain *chain);

/* lab_pem is one PEM certificate. */
void lab_pem(struct lab_buf *b, struct span der);

/* A CRL (RFC 5280 5, version 2). */
#define LAB_REVOKED 80
struct lab_crl {
    const char *issuer;
    enum lab_key issuer_key, signing_key;
    int64_t this_update, next_update; /* next_update 0: absent */
    uint32_t number;
    struct span revoked[LAB_REVOKED]; /* serial numbers, big-endian */
    size_t n_revoked;
    struct span more_extensions;
    struct lab_edit before[LAB_EDITS], after[LAB_EDITS];
};

/* Honest CRLs; nothing is revoked. */
struct lab_crl lab_crl_root(struct lab_world *w);
struct lab_crl lab_crl_pck(struct lab_world *w, bool processor_ca);

/* lab_crl_make is the CRL, DER. */
struct span lab_crl_make(struct lab_world *w, const struct lab_crl *crl);

/* What certificates and CRLs share: the issuer's Name, AlgorithmIdentifier, key identifier, and the
 * signature around the finished part (RFC 5280 4.1.1). */
void lab_x509_name(struct lab_buf *b, const char *common_name);
void lab_x509_algorithm(struct lab_buf *b, struct span instead);
void lab_x509_extension(struct lab_buf *b, struct span oid, bool critical, struct span value);
void lab_x509_authority_key_id(struct lab_world *w, struct lab_buf *b, enum lab_key key);
struct span lab_x509_signed(struct lab_world *w, struct lab_buf *tbs, enum lab_key key,
                            struct span algorithm, const struct lab_edit before[LAB_EDITS],
                            const struct lab_edit after[LAB_EDITS]);

#endif
