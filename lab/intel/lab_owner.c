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
                   X509 *issuer, EVP_PKEY *issuer_key)
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
           issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
    extend(x, issuer ? issuer : x, NID_key_usage,
           issuer ? "critical,digitalSignature" : "critical,keyCertSign,cRLSign");
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

struct lab_owner lab_owner_new(struct lab_world *w, const char *name)
{
    struct lab_owner o;
    EVP_PKEY *root_key = EVP_EC_gen("P-384"), *key = EVP_EC_gen("P-384");
    X509 *root = issue(w, name, "Root", root_key, NULL, NULL);
    X509 *leaf = issue(w, name, "Endorser", key, root, root_key);
    BIO *chain = BIO_new(BIO_s_mem()), *private = BIO_new(BIO_s_mem());
    if (!PEM_write_bio_X509(chain, leaf) || !PEM_write_bio_X509(chain, root) ||
        !PEM_write_bio_PrivateKey(private, key, NULL, NULL, 0, NULL, NULL))
        lab_die("OpenSSL writes no owner");
    o.leaf = keep_der(w, leaf);
    o.root = keep_der(w, root);
    o.chain = keep_bio(w, chain);
    o.key = keep_bio(w, private);
    X509_free(leaf);
    X509_free(root);
    EVP_PKEY_free(key);
    EVP_PKEY_free(root_key);
    return o;
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
