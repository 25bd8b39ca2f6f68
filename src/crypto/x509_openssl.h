/* Inside crypto/x509*.c only: the OpenSSL object behind struct x509. */
#ifndef SITUS_CRYPTO_X509_OPENSSL_H
#define SITUS_CRYPTO_X509_OPENSSL_H

#include "crypto/x509.h"

#include <openssl/x509.h>

/* x509_openssl is the certificate as OpenSSL's type. */
X509 *x509_openssl(const struct x509 *cert);

/* x509_time reads a time; false when it is none, or NULL. */
bool x509_time(int64_t *out, const ASN1_TIME *t);

/* x509_bound: a time that was given bounds the span around at in which the answer stays. */
static inline void x509_bound(int64_t at, struct window *same, int64_t when)
{
    if (when <= at)
        same->from = when > same->from ? when : same->from;
    else
        same->to = when < same->to ? when : same->to;
}

/* x509_learn_issuers tells who issued the certificates of a chain, the anchor's excepted. False on
 * failure. */
bool x509_learn_issuers(const STACK_OF(X509) * chain, struct x509_issuers *out);

/* x509_check_crls looks the certificates of a chain up, leaf first, the anchor at its end excepted,
 * in q->crls, by answer's issuers. It fills crls_checked, and narrows same. */
bool x509_check_crls(const struct x509_question *q, const STACK_OF(X509) * chain,
                     struct x509_answer *answer, struct situs_err *err);

#endif
