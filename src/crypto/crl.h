/*
 * Certificate revocation lists (RFC 5280 5), read by our strict DER reader: every CRL that counts
 * for situs was read here, whoever issued it. Reading the envelope costs the same whatever the
 * number of entries; they are read when the signature holds. Only complete CRLs are read: a delta
 * CRL, an indirect one, or one of some kinds or reasons would miss entries (DESIGN: CRLs).
 */
#ifndef SITUS_CRYPTO_CRL_H
#define SITUS_CRYPTO_CRL_H

#include "base/rd.h"
#include "base/time.h"
#include "crypto/verify.h"

/* One CRL, v2; spans point into der. */
struct crl {
    struct span der, tbs, issuer; /* issuer: the whole DER Name */
    struct span algorithm;        /* AlgorithmIdentifier, the same inside and outside of tbs */
    struct span signature;        /* the BIT STRING's bytes */
    struct span authority_key_id; /* empty: not stated */
    struct span point;            /* full name of its distribution point: contents of GeneralNames,
                                     all URIs; empty: the CRL is of everything that its issuer issued */
    struct span revoked;          /* contents of revokedCertificates; empty: none */
    size_t signature_at, revoked_at; /* offsets of signature.p and revoked.p in der */
    struct window valid;             /* thisUpdate, nextUpdate */
};

/* What a profile demands beyond RFC 5280. */
struct crl_rules {
    struct span algorithm; /* AlgorithmIdentifier; empty: any */
    bool intel;            /* extensions, a key identifier alone, no distribution point */
};

/* crl_read reads one DER CRL of at most LIMIT_CRL bytes to its last byte, but for the entries. On
 * failure *crl is zero but for the issuer, where that was read. */
bool crl_read(struct crl *crl, struct span der, const struct crl_rules *rules, const char *part,
              struct situs_err *err);

/* crl_signed_by says that the key signs the CRL, by ECDSA on P-256 or P-384, RSASSA-PKCS1-v1_5 or
 * RSASSA-PSS with SHA-256, SHA-384 or SHA-512. Fields signature_algorithm and signature. */
bool crl_signed_by(const struct crl *crl, const struct public_key *key, struct situs_err *err);

/* crl_entries is a cursor over the entries; crl_entry reads the next one: its serial number (DER
 * INTEGER contents), and that it says nothing which makes the CRL incomplete or indirect. */
struct rd crl_entries(const struct crl *crl, const char *part, struct situs_err *err);
bool crl_entry(struct rd *entries, struct span *serial);

/* crl_lists says that an entry has this serial number; every entry was read before. */
bool crl_lists(const struct crl *crl, struct span serial);

#endif
