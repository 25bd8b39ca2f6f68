/* Certificates by OpenSSL, for all the lab's authorities but its Intel. What does not work ends the program. */
#ifndef SITUS_LAB_CA_LAB_X509_MAKE_H
#define SITUS_LAB_CA_LAB_X509_MAKE_H

#include <openssl/x509.h>

#include "lab/intel/lab_world.h"

/* lab_x509_need dies where OpenSSL does not make what. */
void lab_x509_need(bool good, const char *what);

/* lab_x509_rsa is a new RSA key of 2048 bits, of three primes: they are found in a quarter of the time of two, and no
 * public key tells (RFC 8017, 3.2). */
EVP_PKEY *lab_x509_rsa(void);

/* lab_x509_start is a certificate of version 3 without extensions and signature; issuer NULL is the
 * subject itself. */
X509 *lab_x509_start(const char *subject, X509 *issuer, EVP_PKEY *key, int64_t from, int64_t to,
                     long serial);

/* lab_x509_add adds an extension as openssl.cnf writes it; lab_x509_add_bytes one by its dotted OID and value. */
void lab_x509_add(X509 *x, X509 *issuer, int nid, const char *value);
void lab_x509_add_bytes(X509 *x, const char *oid, struct span value);

/* lab_x509_finish signs it, by an RSA key with RSASSA-PSS and SHA-384, as AMD's, else by ECDSA and SHA-256;
 * the DER is the world's. x is freed. */
struct span lab_x509_finish(struct lab_world *w, X509 *x, EVP_PKEY *signer);

/* A CRL from then to then; serial 0 revokes none; delta: a delta CRL beside the complete one. */
struct lab_x509_crl {
    int64_t from, to;
    long serial;
    bool delta;
};

/* lab_x509_crl is the CRL of the issuer of this certificate and key, DER. */
struct span lab_x509_crl(struct lab_world *w, struct span cert, EVP_PKEY *key,
                         const struct lab_x509_crl *c);

/* lab_x509_parse is a certificate from its DER. */
X509 *lab_x509_parse(struct span der);

/* lab_x509_keep takes DER over from OpenSSL; the span is the world's. */
struct span lab_x509_keep(struct lab_world *w, unsigned char *der, int n);

#endif
