/* Inside crypto/x509*.c only: the OpenSSL object behind struct x509. */
#ifndef SITUS_CRYPTO_X509_OPENSSL_H
#define SITUS_CRYPTO_X509_OPENSSL_H

#include "crypto/x509.h"

#include <openssl/x509.h>

/* x509_openssl is the certificate as OpenSSL's type. */
X509 *x509_openssl(const struct x509 *cert);

/* x509_time reads a time; false when it is none, or NULL. */
bool x509_time(int64_t *out, const ASN1_TIME *t);

#endif
