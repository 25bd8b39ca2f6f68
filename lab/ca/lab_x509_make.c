/* Certificates by OpenSSL; see lab_x509_make.h. */
#include "lab/ca/lab_x509_make.h"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

void lab_x509_need(bool good, const char *what)
{
    if (!good)
        lab_die("OpenSSL does not make %s", what);
}

EVP_PKEY *lab_x509_rsa(void)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (c && EVP_PKEY_keygen_init(c) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(c, 2048) == 1 &&
        EVP_PKEY_CTX_set_rsa_keygen_primes(c, 3) == 1)
        EVP_PKEY_generate(c, &key);
    EVP_PKEY_CTX_free(c);
    lab_x509_need(key, "an RSA key");
    return key;
}

struct span lab_x509_keep(struct lab_world *w, unsigned char *der, int n)
{
    struct lab_buf b = {0};
    lab_x509_need(n > 0, "DER");
    lab_buf_bytes(&b, span_of(der, (size_t)n));
    OPENSSL_free(der);
    return lab_world_keep(w, &b);
}

void lab_x509_add(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    lab_x509_need(e && X509_add_ext(x, e, -1), value);
    X509_EXTENSION_free(e);
}

X509 *lab_x509_start(const char *subject, X509 *issuer, EVP_PKEY *key, int64_t from, int64_t to,
                     long serial)
{
    X509 *x = X509_new();
    X509_NAME *name = x ? X509_get_subject_name(x) : NULL;
    lab_x509_need(x && X509_set_version(x, X509_VERSION_3) &&
                      ASN1_INTEGER_set(X509_get_serialNumber(x), serial) &&
                      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                 (const unsigned char *)subject, -1, -1, 0) &&
                      X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer) : name) &&
                      ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from) &&
                      ASN1_TIME_set(X509_getm_notAfter(x), (time_t)to) && X509_set_pubkey(x, key),
                  "a certificate");
    return x;
}

static EVP_MD_CTX *sign_context(EVP_PKEY *signer)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    bool rsa = EVP_PKEY_get_base_id(signer) == EVP_PKEY_RSA;
    lab_x509_need(
        ctx &&
            EVP_DigestSignInit(ctx, &pctx, rsa ? EVP_sha384() : EVP_sha256(), NULL, signer) == 1 &&
            (!rsa || (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
                      EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1)),
        "a signature");
    return ctx;
}

struct span lab_x509_finish(struct lab_world *w, X509 *x, EVP_PKEY *signer)
{
    unsigned char *der = NULL;
    EVP_MD_CTX *ctx = sign_context(signer);
    lab_x509_need(X509_sign_ctx(x, ctx) > 0, "a signature");
    EVP_MD_CTX_free(ctx);
    int n = i2d_X509(x, &der);
    X509_free(x);
    return lab_x509_keep(w, der, n);
}

X509 *lab_x509_parse(struct span der)
{
    const unsigned char *p = der.p;
    X509 *x = d2i_X509(NULL, &p, (long)der.n);
    lab_x509_need(x, "its own certificate");
    return x;
}

void lab_x509_add_bytes(X509 *x, const char *oid, struct span value)
{
    ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *s = ASN1_OCTET_STRING_new();
    lab_x509_need(o && s && ASN1_OCTET_STRING_set(s, value.p, (int)value.n), "an extension");
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, o, 0, s);
    lab_x509_need(e && X509_add_ext(x, e, -1), "an extension");
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(s);
    ASN1_OBJECT_free(o);
}

static void add_revoked(X509_CRL *crl, long serial, ASN1_TIME *at)
{
    X509_REVOKED *r = X509_REVOKED_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    lab_x509_need(r && number && ASN1_INTEGER_set(number, serial) &&
                      X509_REVOKED_set_serialNumber(r, number) &&
                      X509_REVOKED_set_revocationDate(r, at) && X509_CRL_add0_revoked(crl, r),
                  "a revocation");
    ASN1_INTEGER_free(number);
}

static void add_delta(X509_CRL *crl)
{
    ASN1_INTEGER *base = ASN1_INTEGER_new();
    lab_x509_need(base && ASN1_INTEGER_set(base, 1) &&
                      X509_CRL_add1_ext_i2d(crl, NID_delta_crl, base, 1, 0) == 1,
                  "a delta CRL");
    ASN1_INTEGER_free(base);
}

struct span lab_x509_crl(struct lab_world *w, struct span cert, EVP_PKEY *key,
                         const struct lab_x509_crl *c)
{
    X509 *issuer = lab_x509_parse(cert);
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *this_update = ASN1_TIME_set(NULL, (time_t)c->from);
    ASN1_TIME *next_update = ASN1_TIME_set(NULL, (time_t)c->to);
    EVP_MD_CTX *ctx = sign_context(key);
    unsigned char *der = NULL;
    lab_x509_need(crl && this_update && next_update &&
                      X509_CRL_set_version(crl, X509_CRL_VERSION_2) &&
                      X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) &&
                      X509_CRL_set1_lastUpdate(crl, this_update) &&
                      X509_CRL_set1_nextUpdate(crl, next_update),
                  "a CRL");
    if (c->serial)
        add_revoked(crl, c->serial, this_update);
    if (c->delta)
        add_delta(crl);
    lab_x509_need(X509_CRL_sign_ctx(crl, ctx) > 0, "a CRL");
    int n = i2d_X509_CRL(crl, &der);
    EVP_MD_CTX_free(ctx);
    ASN1_TIME_free(this_update);
    ASN1_TIME_free(next_update);
    X509_CRL_free(crl);
    X509_free(issuer);
    return lab_x509_keep(w, der, n);
}
