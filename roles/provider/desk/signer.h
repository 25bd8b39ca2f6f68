/* Who signs: a private key and its certificates, leaf first, from files or a token. */
#ifndef SITUS_PROVIDER_DESK_SIGNER_H
#define SITUS_PROVIDER_DESK_SIGNER_H

#include "base/limits.h"
#include "crypto/sign.h"
#include "crypto/x509.h"

/* What the command line says. */
struct signer_options {
    const char *key, *chain, *passphrase;
};

#define OPTION_SIGNER(o)                                                                    \
    OPTION_VALUE("key", 'k', "FILE|URI", &(o)->key,                                         \
                 "the signer's private key: PEM, or a PKCS #11 URI"),                       \
        OPTION_VALUE("chain", 0, "FILE", &(o)->chain, "its certificates, PEM, leaf first"), \
        OPTION_VALUE("passphrase-file", 0, "FILE", &(o)->passphrase,                        \
                     "the key's passphrase or PIN (default: a terminal is asked)")

/* The zero state may be freed. */
struct signer {
    struct sign_key *key;
    void *memory;
    struct span certs[LIMIT_CHAIN_CERTS];
    size_t n_certs;
};

/* signer_load reads the key, PEM or from a token, and a PEM file of certificates, leaf first.
 * signer_read also holds the first to signer_lacks: nobody signs what no verifier accepts. On
 * failure nothing is left to free. */
bool signer_load(struct signer *s, const struct signer_options *o, struct situs_err *err);
bool signer_read(struct signer *s, const struct signer_options *o, struct situs_err *err);
/* signer_read_lists is signer_read for lists and composition manifests, whose signer's certificate is
 * for signing alone (endorse/signed_doc.h). */
bool signer_read_lists(struct signer *s, const struct signer_options *o, struct situs_err *err);
/* signer_certs reads the certificates alone. */
bool signer_certs(struct signer *s, const char *path, struct situs_err *err);
void signer_free(struct signer *s);

/* What the signer's certificate must be (situs-signer(1), PROFILE); its number is that of the
 * property. */
enum signer_property {
    SIGNER_KEY,        /* of the private key */
    SIGNER_CURVE,      /* P-384 */
    SIGNER_END_ENTITY, /* no CA's */
    SIGNER_USAGE,      /* keyUsage with digitalSignature */
    SIGNER_PROPERTIES
};

/* signer_lacks says that the certificate lacks a property: err has which (field), what is expected
 * and got, and how it is mended. */
bool signer_lacks(const struct x509 *leaf, const struct sign_key *key, enum signer_property what,
                  struct situs_err *err);

#endif
