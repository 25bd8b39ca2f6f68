/* Maker of owners; see lab_owner.h. */
#include "lab/intel/lab_owner.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "lab/intel/lab_cert.h"

static void extend(X509 *x, X509 *issuer, int nid, const char *text)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, text);
    if (!e || !X509_add_ext(x, e, -1))
        lab_die("OpenSSL adds no extension");
    X509_EXTENSION_free(e);
}

/* issue makes a certificate; issuer NULL: a root. */
static X509 *issue(struct lab_world *w, const char *name, const char *what, EVP_PKEY *key,
                   X509 *issuer, EVP_PKEY *issuer_key, bool ca)
{
    X509 *x = X509_new();
    struct lab_buf cn = {0};
    if (!x || !key)
        lab_die("OpenSSL makes no certificate");
    lab_buf_format(&cn, "%s %s", name, what);
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), issuer ? 2 : 1);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, cn.p, (int)cn.n, -1,
                               0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
    X509_set_pubkey(x, key);
    ASN1_TIME_set(X509_getm_notBefore(x), lab_world_at(w) - 30 * LAB_DAY);
    ASN1_TIME_set(X509_getm_notAfter(x), lab_world_at(w) + 3 * 365 * LAB_DAY);
    extend(x, issuer ? issuer : x, NID_basic_constraints,
           ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(x, issuer ? issuer : x, NID_key_usage,
           ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    extend(x, issuer ? issuer : x, NID_subject_key_identifier, "hash");
    if (issuer)
        extend(x, issuer, NID_authority_key_identifier, "keyid:always");
    if (X509_sign(x, issuer ? issuer_key : key, EVP_sha384()) <= 0)
        lab_die("OpenSSL signs no certificate");
    lab_buf_free(&cn);
    return x;
}

static struct span keep_der(struct lab_world *w, X509 *x)
{
    struct lab_buf b = {0};
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    if (n <= 0)
        lab_die("OpenSSL writes no certificate");
    lab_buf_bytes(&b, span_of(der, (size_t)n));
    OPENSSL_free(der);
    return lab_world_keep(w, &b);
}

static struct span keep_bio(struct lab_world *w, BIO *bio)
{
    struct lab_buf b = {0};
    char *p = NULL;
    long n = BIO_get_mem_data(bio, &p);
    if (n <= 0)
        lab_die("OpenSSL writes no PEM");
    lab_buf_bytes(&b, span_of(p, (size_t)n));
    BIO_free(bio);
    return lab_world_keep(w, &b);
}

static struct span keep_key(struct lab_world *w, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio || !PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
        lab_die("OpenSSL writes no key");
    return keep_bio(w, bio);
}

static EVP_PKEY *read_key(struct span pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    if (!key)
        lab_die("OpenSSL reads no key");
    return key;
}

static X509 *read_cert(struct span der)
{
    const unsigned char *p = der.p;
    X509 *x = d2i_X509(NULL, &p, (long)der.n);
    if (!x)
        lab_die("OpenSSL reads no certificate");
    return x;
}

/* Takes the CA's certificate and key over. */
static struct lab_owner complete(struct lab_world *w, const char *name, X509 *ca, EVP_PKEY *ca_key,
                                 size_t n_certs)
{
    struct lab_owner o = {.n_certs = n_certs};
    EVP_PKEY *key = EVP_EC_gen("P-384");
    X509 *leaf = issue(w, name, "Endorser", key, ca, ca_key, false);
    BIO *chain = BIO_new(BIO_s_mem());
    if (!PEM_write_bio_X509(chain, leaf) || !PEM_write_bio_X509(chain, ca))
        lab_die("OpenSSL writes no owner");
    o.leaf = keep_der(w, leaf);
    o.root = keep_der(w, ca);
    o.chain = keep_bio(w, chain);
    o.key = keep_key(w, key);
    o.root_key = keep_key(w, ca_key);
    X509_free(leaf);
    X509_free(ca);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
    return o;
}

struct lab_owner lab_owner_new(struct lab_world *w, const char *name)
{
    EVP_PKEY *key = EVP_EC_gen("P-384");
    return complete(w, name, issue(w, name, "Root", key, NULL, NULL, true), key, 1);
}

struct lab_owner lab_owner_branch(struct lab_world *w, const struct lab_owner *o, const char *name)
{
    EVP_PKEY *key = EVP_EC_gen("P-384"), *root_key = read_key(o->root_key);
    X509 *root = read_cert(o->root);
    X509 *ca = issue(w, name, "Issuing CA", key, root, root_key, true);
    X509_free(root);
    EVP_PKEY_free(root_key);
    return complete(w, name, ca, key, 2);
}

struct span lab_owner_crl(struct lab_world *w, const struct lab_owner *o, int64_t from, int64_t to)
{
    struct lab_buf b = {0};
    EVP_PKEY *key = read_key(o->root_key);
    X509 *ca = read_cert(o->root);
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *since = ASN1_TIME_set(NULL, (time_t)from), *until = ASN1_TIME_set(NULL, (time_t)to);
    unsigned char *der = NULL;
    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca));
    X509_CRL_set1_lastUpdate(crl, since);
    X509_CRL_set1_nextUpdate(crl, until);
    int n = X509_CRL_sign(crl, key, EVP_sha384()) > 0 ? i2d_X509_CRL(crl, &der) : 0;
    if (n <= 0)
        lab_die("OpenSSL signs no CRL");
    lab_buf_bytes(&b, span_of(der, (size_t)n));
    OPENSSL_free(der);
    ASN1_TIME_free(since);
    ASN1_TIME_free(until);
    X509_CRL_free(crl);
    X509_free(ca);
    EVP_PKEY_free(key);
    return lab_world_keep(w, &b);
}

struct span lab_owner_anchor(struct lab_world *w, const struct lab_owner *o, const char *name)
{
    struct lab_buf b = {0}, pem = {0};
    lab_pem(&pem, o->root);
    lab_buf_format(&b,
                   "{\"name\": \"%s\", \"for\": [\"poe\", \"list\"], \"simulated\": true, "
                   "\"pem\": ",
                   name);
    lab_buf_json(&b, lab_buf_span(&pem));
    lab_buf_text(&b, "}");
    lab_buf_free(&pem);
    return lab_world_keep(w, &b);
}
