/*
 * The CRLs that were given for one appraisal (DESIGN: CRLs). Reading one takes its envelope
 * apart; its signature is verified and its entries are read once, when a chain that ends in an
 * anchor names its issuer. A CRL of an issuer whom no chain names costs nothing, whatever its size.
 */
#ifndef SITUS_CRYPTO_X509_CRL_H
#define SITUS_CRYPTO_X509_CRL_H

#include "base/limits.h"
#include "crypto/crl.h"

/* What is known of a name: nothing yet, its hash, or that it does not read. */
enum x509_name_state { X509_NAME_UNREAD, X509_NAME_HASHED, X509_NAME_BAD };

/* One CRL, and what is known of it so far. */
struct x509_crl {
    struct span der;
    struct crl crl;
    struct situs_err why; /* why it does not count; no error: it is complete */
    bool from_bundle;     /* the sender of the evidence chose it */
    enum x509_name_state name;
    uint32_t name_hash; /* of the issuer's name */
    bool judged, hashed;
    uint8_t key[32];      /* SHA-256 of the SubjectPublicKeyInfo under which it was judged */
    struct situs_err bad; /* why it does not hold under it: signature, or an entry out of form */
    uint8_t sha256[32];   /* of der */
};

/* Those of one appraisal; they belong to one thread. A copy is another set. Zero: none. */
struct x509_crls {
    struct x509_crl v[LIMIT_ENDORSEMENTS];
    size_t n;
};

/* x509_crls_add reads the envelope of a DER CRL. One that is not complete is kept: it refuses the
 * chains that name its issuer, or all chains where even that does not read. False when there are
 * LIMIT_ENDORSEMENTS already. */
bool x509_crls_add(struct x509_crls *crls, struct span der, bool from_bundle);

/* The issuers of a chain's certificates, leaf first: hashes of their names, by which CRLs are
 * looked up (different names may share one, equal names always do), SHA-256 of the names as they
 * are written (a CRL that writes its issuer's alike need not be decoded), and of their
 * SubjectPublicKeyInfos. */
struct x509_issuers {
    uint32_t v[LIMIT_CHAIN_CERTS + 1];
    uint8_t name[LIMIT_CHAIN_CERTS + 1][32];
    uint8_t key[LIMIT_CHAIN_CERTS + 1][32];
    size_t n;
};

/* x509_issuers_share says that one authority stands in both chains: a key of one signs in the other
 * too. So it is whatever anchors end them, which who sends a chain may choose where two roots
 * certified one CA. */
bool x509_issuers_share(const struct x509_issuers *a, const struct x509_issuers *b);

/* x509_crls_concern says that one of the CRLs can have a say in a chain with these issuers. */
bool x509_crls_concern(struct x509_crls *crls, const struct x509_issuers *issuers);

/* x509_crls_digest hashes the CRLs that can have a say in a chain with these issuers, and who gave
 * them; what was verified with equal digests was verified with equal CRLs. False on failure. */
bool x509_crls_digest(struct x509_crls *crls, const struct x509_issuers *issuers, uint8_t out[32]);

/* x509_crls_know judges those of a certificate's subject under its key, once: a copy of crls asks no
 * signature again under that key. One that does not hold is judged again where it counts. */
void x509_crls_know(struct x509_crls *crls, struct span cert);

#endif
