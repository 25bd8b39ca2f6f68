/* Certificates and CRLs made at will for tests, by OpenSSL. */
#ifndef SITUS_TESTS_SOFT_CA_H
#define SITUS_TESTS_SOFT_CA_H

#include "crypto/x509_crl.h"

/* Nothing set: a P-256 end entity that signs, valid from 2026-01-01 for 12 hours. */
struct soft_cert {
    const char *name;               /* common name */
    const struct soft_cert *issuer; /* NULL: self-signed */
    int64_t from, to;               /* 0: the default */
    void *key;                      /* EVP_PKEY; NULL: a fresh P-256 key */
    const char *eku;                /* extendedKeyUsage, dotted; NULL: none */
    const char *usage;              /* keyUsage; NULL: by ca */
    const char *oid;                /* one more extension */
    struct span value;
    const char *oid2; /* and another */
    struct span value2;
    bool ca, bad_signature, sha1, critical_unknown, no_aki;
    long serial;
    /* made */
    void *x509;
    struct span der;
};

#define SOFT_CA_NOON 1767268800 /* 2026-01-01T12:00:00Z: the end of the default validity */

/* soft_ca_issue fills key, x509 and der; all live until the program ends. */
void soft_ca_issue(struct soft_cert *cert);

/* soft_ca_crl is a CRL of the issuer that revokes the serial (0: none). next 0: no nextUpdate. */
struct span soft_ca_crl(const struct soft_cert *issuer, int64_t from, int64_t next, long serial);

/* soft_ca_crls is those of the n CRLs that are not empty, as the caller's own. */
struct x509_crls *soft_ca_crls(struct x509_crls *crls, const struct span *der, size_t n);

/* soft_ca_pem decodes the i-th certificate of a PEM text to DER. */
struct span soft_ca_pem(struct span pem, int i);

#endif
