/* What the registrar signs: AK certificates with the SitusMachine extension (DESIGN: attestation
 * key), and the CRL of those withdrawn. */
#ifndef SITUS_PROVIDER_REGISTRAR_ISSUE_H
#define SITUS_PROVIDER_REGISTRAR_ISSUE_H

#include "base/err.h"
#include "base/wr.h"
#include "crypto/verify.h"
#include "endorse/ak_cert/ak_situs.h"

#define ISSUE_SECONDS_MAX (24 * 3600) /* PROTOCOLS: registrar, 4 */
#define ISSUE_SERIAL 16               /* bytes; random */

/* The provider's CA. Free with issue_free, which accepts the zero state. */
struct issuer {
    void *cert, *key; /* X509, EVP_PKEY */
};

/* issue_load reads certificate and private key (PEM); they must be of one key, and the certificate
 * a CA that may sign certificates and CRLs. */
bool issue_load(struct issuer *i, struct span cert_pem, struct span key_pem, struct situs_err *err);
void issue_free(struct issuer *i);

/* issue_ca is the CA certificate, DER. */
bool issue_ca(const struct issuer *i, struct wr *der);

struct issue_ak {
    struct ak_situs machine;
    const struct public_key *key; /* the AK */
    int64_t from, to;             /* at most ISSUE_SECONDS_MAX apart */
};

/* issue_ak_certificate writes a DER certificate and says its serial: random, subject the machine's
 * name, EKU 2.23.133.8.3, key usage digitalSignature, SitusMachine not critical. */
bool issue_ak_certificate(const struct issuer *i, const struct issue_ak *q, struct wr *der,
                          uint8_t serial[ISSUE_SERIAL], struct situs_err *err);

/* issue_crl writes a DER CRL; serials are ISSUE_SERIAL bytes each, one after the other. */
bool issue_crl(const struct issuer *i, struct span serials, int64_t from, int64_t to,
               struct wr *der, struct situs_err *err);

#endif
