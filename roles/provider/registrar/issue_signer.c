/* Keys and certificates of who endorses; see issue_signer.h. */
#include "provider/registrar/issue_signer.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#define PART "signer"

static bool done(bool ok, const char *field, struct situs_err *err)
{
    ERR_clear_error();
    return ok || err_fail(err, SITUS_INTERNAL, PART, field, SITUS_NO_OFFSET, NULL, NULL);
}

void *issue_signer_key(struct situs_err *err)
{
    EVP_PKEY *key = EVP_EC_gen("P-384");
    done(key != NULL, "key", err);
    return key;
}

void issue_signer_free(void *key)
{
    EVP_PKEY_free(key);
}

/* take copies what OpenSSL wrote, and wipes it. */
static bool take(BIO *bio, bool ok, struct wr *pem)
{
    char *p = NULL;
    long n = bio && ok ? BIO_get_mem_data(bio, &p) : 0;
    if (n > 0) {
        wr_bytes(pem, span_of(p, (size_t)n));
        OPENSSL_cleanse(p, (size_t)n);
    }
    BIO_free(bio);
    return n > 0 && wr_ok(pem);
}

bool issue_signer_key_pem(void *key, struct span passphrase, struct wr *pem, struct situs_err *err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok =
        bio && PEM_write_bio_PKCS8PrivateKey(bio, key, passphrase.n ? EVP_aes_256_cbc() : NULL,
                                             passphrase.n ? (const char *)passphrase.p : NULL,
                                             (int)passphrase.n, NULL, NULL) == 1;
    return done(take(bio, ok, pem), "key", err);
}

static bool name_it(X509_NAME *to, const char *name)
{
    return X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                                      0) == 1;
}

static X509_EXTENSION *extension(X509V3_CTX *ctx, int nid, const char *text)
{
    return X509V3_EXT_conf_nid(NULL, ctx, nid, text);
}

/* What the request asks for and the certificate has. */
static const struct {
    int nid;
    const char *text;
} signer_has[] = {{NID_basic_constraints, "critical,CA:FALSE"},
                  {NID_key_usage, "critical,digitalSignature"}};

static bool ask(X509_REQ *r)
{
    STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, NULL, NULL, r, NULL, 0);
    bool ok = all != NULL;
    for (size_t i = 0; ok && i < sizeof signer_has / sizeof *signer_has; i++) {
        X509_EXTENSION *e = extension(&ctx, signer_has[i].nid, signer_has[i].text);
        ok = e && sk_X509_EXTENSION_push(all, e) > 0;
        if (!ok)
            X509_EXTENSION_free(e);
    }
    ok = ok && X509_REQ_add_extensions(r, all) == 1;
    sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
    return ok;
}

bool issue_signer_request(void *key, const char *name, struct wr *pem, struct situs_err *err)
{
    X509_REQ *r = X509_REQ_new();
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = r && bio && X509_REQ_set_version(r, X509_REQ_VERSION_1) == 1 &&
              name_it(X509_REQ_get_subject_name(r), name) && X509_REQ_set_pubkey(r, key) == 1 &&
              ask(r) && X509_REQ_sign(r, key, EVP_sha384()) > 0 &&
              PEM_write_bio_X509_REQ(bio, r) == 1;
    X509_REQ_free(r);
    return done(take(bio, ok, pem), "request", err);
}

static bool extend(X509 *x, X509 *issuer, int nid, const char *text)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = extension(&ctx, nid, text);
    bool ok = e && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

/* A random serial, positive and of full length (RFC 5280 4.1.2.2). */
static bool number(X509 *x)
{
    uint8_t serial[16];
    if (RAND_bytes(serial, sizeof serial) != 1)
        return false;
    serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
    BIGNUM *n = BN_bin2bn(serial, sizeof serial, NULL);
    bool ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
    BN_free(n);
    return ok;
}

/* certify makes a certificate; ca NULL: a CA's own. */
static bool certify(const struct issuer *ca, EVP_PKEY *key, const char *name, int64_t from,
                    int64_t to, struct wr *pem)
{
    X509 *x = X509_new(), *issuer = ca ? ca->cert : x;
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = x && bio && X509_set_version(x, X509_VERSION_3) == 1 && number(x) &&
              name_it(X509_get_subject_name(x), name) &&
              X509_set_issuer_name(x, X509_get_subject_name(issuer)) == 1 &&
              ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from) &&
              ASN1_TIME_set(X509_getm_notAfter(x), (time_t)to) && X509_set_pubkey(x, key) == 1 &&
              extend(x, issuer, NID_subject_key_identifier, "hash") &&
              extend(x, issuer, NID_authority_key_identifier, "keyid");
    if (!ca)
        ok = ok && extend(x, x, NID_basic_constraints, "critical,CA:TRUE") &&
             extend(x, x, NID_key_usage, "critical,keyCertSign,cRLSign");
    for (size_t i = 0; ca && ok && i < sizeof signer_has / sizeof *signer_has; i++)
        ok = extend(x, issuer, signer_has[i].nid, signer_has[i].text);
    ok =
        ok && X509_sign(x, ca ? ca->key : key, EVP_sha384()) > 0 && PEM_write_bio_X509(bio, x) == 1;
    X509_free(x);
    return take(bio, ok, pem);
}

bool issue_signer_ca(void *key, const char *name, int64_t from, int64_t to, struct wr *pem,
                     struct situs_err *err)
{
    return done(certify(NULL, key, name, from, to, pem), "ca", err);
}

bool issue_signer_certificate(const struct issuer *ca, void *key, const char *name, int64_t from,
                              int64_t to, struct wr *pem, struct situs_err *err)
{
    return done(certify(ca, key, name, from, to, pem), "certificate", err);
}
