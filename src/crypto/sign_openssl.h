/* What a private key is to OpenSSL; for sign.c and sign_token.c alone. */
#ifndef SITUS_CRYPTO_SIGN_OPENSSL_H
#define SITUS_CRYPTO_SIGN_OPENSSL_H

#include "crypto/sign.h"

#include <openssl/types.h>

struct sign_key {
    EVP_PKEY *key;  /* signs */
    EVP_PKEY *half; /* its public half */
};

/* sign_key_new takes an EVP_PKEY over, also when it fails: NULL and err. */
struct sign_key *sign_key_new(void *pkey, const char *part, struct situs_err *err);

#endif
