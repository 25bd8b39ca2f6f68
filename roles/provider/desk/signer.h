/* Who signs: a private key and its certificates, leaf first, from files. */
#ifndef SITUS_PROVIDER_DESK_SIGNER_H
#define SITUS_PROVIDER_DESK_SIGNER_H

#include "base/limits.h"
#include "crypto/sign.h"

/* The zero state may be freed. */
struct signer {
    struct sign_key *key;
    void *memory;
    struct span certs[LIMIT_CHAIN_CERTS];
    size_t n_certs;
};

/* signer_read reads a PEM private key (not encrypted) and a PEM file of certificates, leaf
 * first. */
bool signer_read(struct signer *s, const char *key_path, const char *chain_path,
                 struct situs_err *err);
void signer_free(struct signer *s);

#endif
