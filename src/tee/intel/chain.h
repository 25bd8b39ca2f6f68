/*
 * Intel's SGX/TDX certificates and CRLs, read by our strict DER reader: one profile (Intel SGX PCK
 * Certificate and CRL Profile Specification 1.5): P-256, ecdsa-with-SHA256, at most three levels,
 * fixed names. The only X.509 that OpenSSL does not read for situs (DESIGN: decisions says why); a
 * differential test holds both readers against the same chains.
 */
#ifndef SITUS_TEE_INTEL_CHAIN_H
#define SITUS_TEE_INTEL_CHAIN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"
#include "crypto/p256.h"

/* What a certificate is in Intel's hierarchy, told by its subject common name. */
enum intel_role {
    INTEL_ROLE_NONE,
    INTEL_ROOT,         /* Intel SGX Root CA */
    INTEL_PLATFORM_CA,  /* Intel SGX PCK Platform CA */
    INTEL_PROCESSOR_CA, /* Intel SGX PCK Processor CA */
    INTEL_PCK,          /* Intel SGX PCK Certificate */
    INTEL_TCB_SIGNING   /* Intel SGX TCB Signing */
};

/* One certificate; spans point into der. */
struct intel_cert {
    enum intel_role role;
    struct span der, tbs, serial, issuer, subject; /* issuer, subject: whole DER Names */
    struct span sgx;                               /* value of 1.2.840.113741.1.13.1; empty: none */
    size_t sgx_at;                                 /* offset of sgx.p[0] in der */
    struct span subject_key_id, authority_key_id;  /* empty: not stated */
    uint8_t point[64];                             /* subject public key, x || y */
    uint8_t rs[64];                                /* signature, r || s */
    struct window valid;
    bool path_of_intel; /* the path length is exactly that of Intel's own certificate of the role */
};

/* intel_cert_read reads one DER certificate to its last byte. Refuses whatever is outside the
 * profile: other algorithms, unknown critical extensions, wrong basicConstraints or keyUsage for
 * its role, duplicate extensions, non-minimal DER. A CA's path length may be longer than its role
 * needs, or absent (RFC 5280 4.2.1.9: without limit): roles and names bound the chain already; see
 * path_of_intel. Errors carry part and the offset base + position. */
bool intel_cert_read(struct intel_cert *cert, struct span der, size_t base, const char *part,
                     struct situs_err *err);

/* intel_is_ca says that a whole DER Name is one of the CAs' in Intel's hierarchy. */
bool intel_is_ca(struct span name);

/* intel_cert_signed_by says that key signs the certificate and that issuer, the certificate holding
 * the key, has the right name and role for it (root: platform, processor CA, TCB signing; CA: PCK;
 * a root only itself), and that their key identifiers agree where both state one. Does not look at
 * time. */
bool intel_cert_signed_by(const struct intel_cert *cert, const struct intel_cert *issuer,
                          const struct p256_key *key);

/* A PEM text, and where it stands: base bytes into part. */
struct intel_pem {
    struct span text;
    size_t base;
    const char *part;
};

/* intel_pem_chain splits a PEM text into DER certificates (decoded into the arena), in the order
 * given, and reads each. Only CERTIFICATE blocks and white space between them; one NUL after the
 * last line is accepted (Azure and others send it). At most max certificates. Errors carry base +
 * the position in the text, also those inside a certificate. */
bool intel_pem_chain(struct intel_cert *certs, size_t max, size_t *n, struct intel_pem pem,
                     struct arena *a, struct situs_err *err);

/* One CRL (v2, RFC 5280 5); entries are read and sorted once. */
struct intel_crl {
    struct span der, tbs, issuer;
    struct span authority_key_id; /* empty: not stated */
    uint8_t rs[64];
    struct window valid;        /* thisUpdate, nextUpdate */
    const struct span *revoked; /* serial numbers, sorted by span_compare */
    size_t n_revoked;
};

/* intel_crl_read reads one DER CRL to its last byte. Refuses indirect and delta CRLs, unknown
 * critical extensions, a missing nextUpdate, entries out of form. */
bool intel_crl_read(struct intel_crl *crl, struct span der, const char *part, struct arena *a,
                    struct situs_err *err);

/* intel_crl_signed_by says that key signs the CRL and that its issuer is issuer's subject. */
bool intel_crl_signed_by(const struct intel_crl *crl, const struct intel_cert *issuer,
                         const struct p256_key *key);

/* intel_crl_revokes says that the serial number (DER INTEGER contents) is on the CRL. */
bool intel_crl_revokes(const struct intel_crl *crl, struct span serial);

/* The identity and TCB part of a PCK certificate: extension 1.2.840.113741.1.13.1, inner OIDs only
 * (PCK profile 1.3.5). */
struct pck_info {
    uint8_t ppid[16];
    uint8_t components[16]; /* SGX TCB component SVNs 01..16 */
    uint16_t pcesvn;
    uint8_t cpusvn[16];
    uint8_t pceid[2];
    uint8_t fmspc[6];
    uint8_t sgx_type; /* 0 standard, 1 scalable, 2 scalable with integrity */
    bool has_piid;    /* platform CA only */
    uint8_t piid[16];
    bool has_configuration; /* platform CA only; each flag -1 absent, 0 false, 1 true */
    int8_t dynamic_platform, cached_keys, smt_enabled;
};

/* pck_info_read reads the SGX extension of a PCK certificate to its last byte: every known element
 * at most once, unknown ones refused, required ones present. */
bool pck_info_read(struct pck_info *info, const struct intel_cert *cert, size_t base,
                   const char *part, struct situs_err *err);

#endif
