/* Certificate authorities by OpenSSL; see lab_ca.h. */
#include "lab/ca/lab_ca.h"

#include <stdio.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "lab/intel/lab_cert.h"

#define YEAR (365 * LAB_DAY)

static void need(bool good, const char *what)
{
    if (!good)
        lab_die("OpenSSL does not make %s", what);
}

static struct span keep_der(struct lab_world *w, unsigned char *der, int n)
{
    struct lab_buf b = {0};
    need(n > 0, "DER");
    lab_buf_bytes(&b, span_of(der, (size_t)n));
    OPENSSL_free(der);
    return lab_world_keep(w, &b);
}

static void add(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    need(e && X509_add_ext(x, e, -1), value);
    X509_EXTENSION_free(e);
}

/* A certificate without extensions and signature; issuer NULL is the subject itself. */
static X509 *start(const char *subject, X509 *issuer, EVP_PKEY *key, int64_t from, int64_t to,
                   long serial)
{
    X509 *x = X509_new();
    X509_NAME *name = x ? X509_get_subject_name(x) : NULL;
    need(x && X509_set_version(x, X509_VERSION_3) &&
             ASN1_INTEGER_set(X509_get_serialNumber(x), serial) &&
             X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)subject,
                                        -1, -1, 0) &&
             X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer) : name) &&
             ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from) &&
             ASN1_TIME_set(X509_getm_notAfter(x), (time_t)to) && X509_set_pubkey(x, key),
         "a certificate");
    return x;
}

static struct span finish(struct lab_world *w, X509 *x, EVP_PKEY *signer)
{
    unsigned char *der = NULL;
    need(X509_sign(x, signer, EVP_sha256()) > 0, "a signature");
    int n = i2d_X509(x, &der);
    return keep_der(w, der, n);
}

static X509 *parse(const struct lab_ca *ca)
{
    const unsigned char *p = ca->cert.p;
    X509 *x = d2i_X509(NULL, &p, (long)ca->cert.n);
    need(x, "its own certificate");
    return x;
}

struct lab_ca lab_ca_new(struct lab_world *w, const char *name)
{
    struct lab_ca ca = {.w = w, .name = name, .key = EVP_EC_gen("P-256")};
    int64_t at = lab_world_at(w);
    need(ca.key, "a key");
    X509 *x = start(name, NULL, ca.key, at - YEAR, at + 10 * YEAR, 1);
    add(x, x, NID_basic_constraints, "critical,CA:TRUE");
    add(x, x, NID_key_usage, "critical,keyCertSign,cRLSign");
    add(x, x, NID_subject_key_identifier, "hash");
    ca.cert = finish(w, x, ca.key);
    X509_free(x);
    return ca;
}

static FILE *open_file(const char *path, const char *mode)
{
    FILE *f = fopen(path, mode);
    if (!f)
        lab_die("cannot open %s", path);
    return f;
}

static void write_pem(const struct lab_ca *ca, const char *key_path, const char *cert_path)
{
    X509 *x = parse(ca);
    FILE *f = open_file(key_path, "wb");
    need(PEM_write_PrivateKey(f, ca->key, NULL, NULL, 0, NULL, NULL) && fclose(f) == 0, key_path);
    f = open_file(cert_path, "wb");
    need(PEM_write_X509(f, x) && fclose(f) == 0, cert_path);
    X509_free(x);
}

struct lab_ca lab_ca_keep(struct lab_world *w, const char *name, const char *key_path,
                          const char *cert_path)
{
    struct lab_ca ca = {.w = w, .name = name};
    if (access(cert_path, R_OK) != 0) {
        ca = lab_ca_new(w, name);
        write_pem(&ca, key_path, cert_path);
        return ca;
    }
    FILE *f = open_file(key_path, "rb");
    ca.key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    fclose(f);
    f = open_file(cert_path, "rb");
    X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    need(ca.key && x, cert_path);
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    ca.cert = keep_der(w, der, n);
    X509_free(x);
    return ca;
}

void lab_ca_free(struct lab_ca *ca)
{
    EVP_PKEY_free(ca->key);
    ca->key = NULL;
}

static void add_bytes(X509 *x, const char *oid, struct span value)
{
    ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *s = ASN1_OCTET_STRING_new();
    need(o && s && ASN1_OCTET_STRING_set(s, value.p, (int)value.n), "an extension");
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, o, 0, s);
    need(e && X509_add_ext(x, e, -1), "an extension");
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(s);
    ASN1_OBJECT_free(o);
}

struct span lab_ca_issue(const struct lab_ca *ca, const struct lab_ca_cert *c)
{
    X509 *issuer = parse(ca);
    X509 *x = start(c->subject, issuer, c->key, c->from, c->to, c->serial);
    add(x, issuer, NID_authority_key_identifier, "keyid");
    add(x, issuer, NID_key_usage, "critical,digitalSignature");
    if (c->eku)
        add(x, issuer, NID_ext_key_usage, c->eku);
    if (c->oid)
        add_bytes(x, c->oid, c->value);
    struct span der = finish(ca->w, x, ca->key);
    X509_free(x);
    X509_free(issuer);
    return der;
}

static void add_revoked(X509_CRL *crl, long serial, ASN1_TIME *at)
{
    X509_REVOKED *r = X509_REVOKED_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    need(r && number && ASN1_INTEGER_set(number, serial) &&
             X509_REVOKED_set_serialNumber(r, number) && X509_REVOKED_set_revocationDate(r, at) &&
             X509_CRL_add0_revoked(crl, r),
         "a revocation");
    ASN1_INTEGER_free(number);
}

static void add_delta(X509_CRL *crl)
{
    ASN1_INTEGER *base = ASN1_INTEGER_new();
    need(base && ASN1_INTEGER_set(base, 1) &&
             X509_CRL_add1_ext_i2d(crl, NID_delta_crl, base, 1, 0) == 1,
         "a delta CRL");
    ASN1_INTEGER_free(base);
}

static struct span make_crl(const struct lab_ca *ca, long serial, int64_t age, bool delta)
{
    X509 *issuer = parse(ca);
    X509_CRL *crl = X509_CRL_new();
    int64_t at = lab_world_at(ca->w);
    ASN1_TIME *this_update = ASN1_TIME_set(NULL, (time_t)(at - age));
    ASN1_TIME *next_update = ASN1_TIME_set(NULL, (time_t)(at + LAB_DAY));
    unsigned char *der = NULL;
    need(crl && this_update && next_update && X509_CRL_set_version(crl, X509_CRL_VERSION_2) &&
             X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) &&
             X509_CRL_set1_lastUpdate(crl, this_update) &&
             X509_CRL_set1_nextUpdate(crl, next_update),
         "a CRL");
    if (serial)
        add_revoked(crl, serial, this_update);
    if (delta)
        add_delta(crl);
    need(X509_CRL_sign(crl, ca->key, EVP_sha256()) > 0, "a CRL");
    int n = i2d_X509_CRL(crl, &der);
    ASN1_TIME_free(this_update);
    ASN1_TIME_free(next_update);
    X509_CRL_free(crl);
    X509_free(issuer);
    return keep_der(ca->w, der, n);
}

struct span lab_ca_crl(const struct lab_ca *ca, long serial)
{
    return make_crl(ca, serial, 3600, false);
}

struct span lab_ca_crl_newer(const struct lab_ca *ca, long serial)
{
    return make_crl(ca, serial, 1800, false);
}

struct span lab_ca_crl_delta(const struct lab_ca *ca)
{
    return make_crl(ca, 0, 900, true);
}

/* rest: members of the anchor, each with a comma behind it. */
static struct span anchor(const struct lab_ca *ca, const char *use, const char *rest)
{
    struct lab_buf b = {0}, pem = {0};
    lab_pem(&pem, ca->cert);
    lab_buf_format(&b, "{\"name\": \"%s\", \"for\": [\"%s\"], %s\"simulated\": true, \"pem\": ",
                   ca->name, use, rest);
    lab_buf_json(&b, lab_buf_span(&pem));
    lab_buf_text(&b, "}");
    lab_buf_free(&pem);
    return lab_world_keep(ca->w, &b);
}

struct span lab_ca_anchor(const struct lab_ca *ca, const char *use)
{
    return anchor(ca, use, "");
}

struct span lab_ca_provider(const struct lab_ca *ca, const char *profile)
{
    char rest[64];
    snprintf(rest, sizeof rest, "\"profile\": \"%s\", ", profile);
    return anchor(ca, "provider", rest);
}
