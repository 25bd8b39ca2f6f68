/* Tokens for tests; see soft_jws.h. */
#include "support/soft_jws.h"

#include "base/wr.h"
#include "codec/json_out.h"
#include "lab/ca/lab_x509_make.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

static EVP_PKEY *private_key(uint8_t seed)
{
    uint8_t bytes[32];
    memset(bytes, seed, sizeof bytes);
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, sizeof bytes);
}

void soft_jws_key(uint8_t out[32], uint8_t seed)
{
    size_t n = 32;
    EVP_PKEY *key = private_key(seed);
    assert(EVP_PKEY_get_raw_public_key(key, out, &n) == 1);
    EVP_PKEY_free(key);
}

/* Base64url by way of the JSON writer, without the quotation marks. */
static void put(struct wr *w, struct span s)
{
    static uint8_t text[32768];
    struct wr inner = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&inner, false);
    json_out_base64url(&o, s);
    assert(json_out_end(&o));
    wr_bytes(w, span_of(text + 1, inner.n - 2));
}

/* Signs what is there with the key, which it frees. */
static void sign(struct wr *w, EVP_PKEY *key, const EVP_MD *md)
{
    uint8_t signature[256];
    size_t n = sizeof signature;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert(EVP_DigestSignInit(ctx, NULL, md, NULL, key) == 1);
    assert(EVP_DigestSign(ctx, signature, &n, wr_span(w).p, w->n) == 1);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    wr_text(w, ".");
    put(w, span_of(signature, n));
    assert(wr_ok(w));
}

static struct wr begin(const char *header, const char *payload)
{
    static uint8_t token[65536];
    struct wr w = wr_new(token, sizeof token);
    put(&w, span_text(header));
    wr_text(&w, ".");
    put(&w, span_text(payload));
    return w;
}

struct span soft_jws(const char *header, const char *payload, uint8_t seed)
{
    struct wr w = begin(header, payload);
    sign(&w, private_key(seed), NULL);
    return wr_span(&w);
}

static EVP_PKEY *rsa_key(unsigned key)
{
    static EVP_PKEY *keys[2];
    if (!keys[key])
        keys[key] = lab_x509_rsa();
    assert(keys[key] && EVP_PKEY_up_ref(keys[key]) == 1);
    return keys[key];
}

struct span soft_jws_rsa(const char *header, const char *payload, unsigned key)
{
    struct wr w = begin(header, payload);
    sign(&w, rsa_key(key), EVP_sha256());
    return wr_span(&w);
}

struct span soft_jws_modulus(unsigned key)
{
    static uint8_t bytes[2][256];
    EVP_PKEY *k = rsa_key(key);
    BIGNUM *n = NULL;
    assert(EVP_PKEY_get_bn_param(k, OSSL_PKEY_PARAM_RSA_N, &n) == 1);
    assert(BN_bn2binpad(n, bytes[key], 256) == 256);
    BN_free(n);
    EVP_PKEY_free(k);
    return SPAN_ARR(bytes[key]);
}

struct span soft_jws_certificate(unsigned key)
{
    static uint8_t der[2048];
    uint8_t *to = der;
    EVP_PKEY *k = rsa_key(key);
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    assert(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"MAA", -1, -1, 0));
    assert(X509_set_issuer_name(cert, name) && X509_set_pubkey(cert, k));
    assert(X509_gmtime_adj(X509_getm_notBefore(cert), 0));
    assert(X509_gmtime_adj(X509_getm_notAfter(cert), 3600));
    assert(X509_sign(cert, k, EVP_sha256()) > 0);
    int n = i2d_X509(cert, &to);
    assert(n > 0 && (size_t)n <= sizeof der);
    X509_free(cert);
    EVP_PKEY_free(k);
    return span_of(der, (size_t)n);
}
