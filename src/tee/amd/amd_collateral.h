/*
 * AMD's collateral: certificates of ARK, ASK, ASVK, VCEK and VLEK, and the ARKs' CRLs (AMD 57230, 4), told by
 * content. Verified once; times and CRLs are asked at each use.
 */
#ifndef SITUS_TEE_AMD_AMD_COLLATERAL_H
#define SITUS_TEE_AMD_AMD_COLLATERAL_H

#include "base/arena.h"
#include "base/item.h"
#include "model/trust.h"
#include "tee/amd/vek.h"

#define AMD_CERTS 32 /* different certificates of one set */
#define AMD_CRLS 8

struct amd_cert {
    struct span der;
    const char *name; /* of the item that it came in */
    enum amd_role role;
    const struct product *product; /* its family: "Milan" of "SEV-VLEK-Milan" */
    struct x509 *x509;
    struct vek vek; /* VCEK, VLEK; and their key */
    struct public_key *key;
    struct x509_known known; /* its chain, where the set was loaded under anchors */
};

struct amd_crl {
    struct crl crl;
    const char *name;
    const struct product *product; /* whose ARK signed it; NULL: not verified */
};

/* The zero state is the empty set. */
struct amd_collateral {
    struct amd_cert *certs;
    struct amd_crl *crls;
    size_t n, n_crls;
    struct trust_mark mark; /* under which the chains are known */
    bool from_bundle;       /* the sender of the evidence chose it */
};

/* amd_collateral_takes says that an item is AMD's: a certificate or CRL in DER, or PEM whose first
 * block is one. */
bool amd_collateral_takes(struct span bytes, struct arena *a);

/* amd_collateral_read reads items into the arena, nothing verified. What is none of AMD's five kinds
 * of certificate, nor a CRL, is refused. Free with amd_collateral_free, also after failure. */
bool amd_collateral_read(struct amd_collateral *c, const struct situs_item *items, size_t n,
                         struct arena *a, struct situs_err *err);

/* amd_collateral_load is amd_collateral_read, and verifies: every ARK is an anchor of use
 * ANCHOR_SNP, everything else is signed up to one. */
bool amd_collateral_load(struct amd_collateral *c, const struct situs_item *items, size_t n,
                         const struct trust *trust, struct arena *a, struct situs_err *err);

/* amd_chain_question begins the question about a certificate's chain: its issuers of these sets (NULL: none), by
 * role and product, into extra, and ARKs. Anchors, CRLs, time and part are the caller's. */
struct x509_question amd_chain_question(const struct amd_cert *cert,
                                        const struct amd_collateral *const sets[2],
                                        struct span extra[LIMIT_CHAIN_CERTS]);

/* amd_crl_product is the family of the ARK that a CRL names as its issuer; NULL: unknown. */
const struct product *amd_crl_product(const struct crl *crl);

void amd_collateral_free(struct amd_collateral *c);

#endif
