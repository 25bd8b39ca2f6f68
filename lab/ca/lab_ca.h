/*
 * The lab's other certificate authorities: the maker of its TPMs, and the provider whose registrar
 * certifies attestation keys. Each is one self-signed P-256 root that signs end entities and CRLs
 * (RFC 5280).
 */
#ifndef SITUS_LAB_CA_H
#define SITUS_LAB_CA_H

#include "lab/intel/lab_world.h"

struct lab_ca {
    struct lab_world *w;
    const char *name; /* its common name, and the anchor's name in trust files */
    EVP_PKEY *key;
    struct span cert; /* DER */
};

/* lab_ca_new makes a CA. Free with lab_ca_free. */
struct lab_ca lab_ca_new(struct lab_world *w, const char *name);

/* lab_ca_keep makes a CA, or loads the one that was written before, with key and certificate in PEM
 * files of these paths. */
struct lab_ca lab_ca_keep(struct lab_world *w, const char *name, const char *key_path,
                          const char *cert_path);

/* lab_ca_load fills in key and certificate from these files; false where there are none.
 * lab_ca_store writes them. */
bool lab_ca_load(struct lab_ca *ca, const char *key_path, const char *cert_path);
void lab_ca_store(const struct lab_ca *ca, const char *key_path, const char *cert_path);

void lab_ca_free(struct lab_ca *ca);

/* An end entity's certificate. */
struct lab_ca_cert {
    const char *subject; /* common name */
    EVP_PKEY *key;       /* its public key */
    int64_t from, to;
    const char *eku;   /* dotted OID; NULL: none */
    const char *oid;   /* one more extension, not critical; NULL: none */
    struct span value; /* its DER */
    long serial;
};

/* lab_ca_issue is the certificate, DER, in the world's memory. */
struct span lab_ca_issue(const struct lab_ca *ca, const struct lab_ca_cert *c);

/* lab_ca_crl is a CRL of that day, DER; serial 0 revokes none. */
struct span lab_ca_crl(const struct lab_ca *ca, long serial);

/* lab_ca_crl_newer is the one of half an hour later; lab_ca_crl_delta a delta CRL of that time,
 * which revokes none beside the one of the day. */
struct span lab_ca_crl_newer(const struct lab_ca *ca, long serial);
struct span lab_ca_crl_delta(const struct lab_ca *ca);

/* lab_ca_anchor is the CA as an anchor of a trust file (situs-trust(5)); use as "tpm-maker".
 * lab_ca_provider is one for "provider", profile as "situs". */
struct span lab_ca_anchor(const struct lab_ca *ca, const char *use);
struct span lab_ca_provider(const struct lab_ca *ca, const char *profile);

#endif
