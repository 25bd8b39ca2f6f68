/*
 * Verified Intel issuers and CRLs, ready for use by quote verification: part of a snapshot.
 * Signatures were checked when it was built; validity times are checked at each use.
 */
#ifndef SITUS_TEE_INTEL_PKI_H
#define SITUS_TEE_INTEL_PKI_H

#include "model/trust.h"
#include "tee/intel/chain.h"

/* A CA or TCB signing certificate whose chain to the anchor was verified. */
struct intel_issuer {
    struct intel_cert cert;
    struct p256_key *key;
    const struct anchor *anchor;
    const uint8_t *anchor_sha256;      /* of that anchor, 32 bytes: what CRLs are looked up by */
    const struct intel_issuer *parent; /* NULL for a root */
};

/* A CRL verified under its issuer. */
struct intel_issuer_crl {
    struct intel_crl crl;
    const struct intel_issuer *issuer;
};

struct intel_pki {
    struct intel_issuer *issuers;
    struct intel_issuer_crl *crls;
    size_t n_issuers, n_crls;
    struct intel_crl *loose; /* of CAs that the collateral lacks: not verified, see below */
    size_t n_loose;
};

/* intel_pki_issuer finds a verified issuer by its exact DER bytes; NULL when there is none. */
const struct intel_issuer *intel_pki_issuer(const struct intel_pki *pki, struct span der);

/* intel_pki_crl is the CRL of an issuer: an anchor of the same certificate (anchor_sha256) and the
 * same subject name; NULL when there is none. */
const struct intel_crl *intel_pki_crl(const struct intel_pki *pki,
                                      const struct intel_issuer *issuer);

/* intel_pki_loose_crl is the CRL of an issuer whose certificate did not come with it, verified here
 * under that certificate, which the caller has verified; NULL when there is none that holds. named:
 * there is one of that name. */
const struct intel_crl *intel_pki_loose_crl(const struct intel_pki *pki,
                                            const struct intel_cert *issuer, bool *named);

#endif
