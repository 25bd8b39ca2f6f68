/* Certificate authorities by OpenSSL; see lab_ca.h. */
#include "lab/ca/lab_ca.h"

#include <stdio.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "lab/ca/lab_x509_make.h"
#include "lab/intel/lab_cert.h"

#define YEAR (365 * LAB_DAY)

struct lab_ca lab_ca_new(struct lab_world *w, const char *name)
{
    struct lab_ca ca = {.w = w, .name = name, .key = EVP_EC_gen("P-256")};
    int64_t at = lab_world_at(w);
    lab_x509_need(ca.key, "a key");
    X509 *x = lab_x509_start(name, NULL, ca.key, at - YEAR, at + 10 * YEAR, 1);
    lab_x509_add(x, x, NID_basic_constraints, "critical,CA:TRUE");
    lab_x509_add(x, x, NID_key_usage, "critical,keyCertSign,cRLSign");
    lab_x509_add(x, x, NID_subject_key_identifier, "hash");
    ca.cert = lab_x509_finish(w, x, ca.key);
    return ca;
}

static FILE *open_file(const char *path, const char *mode)
{
    FILE *f = fopen(path, mode);
    if (!f)
        lab_die("cannot open %s", path);
    return f;
}

void lab_ca_store(const struct lab_ca *ca, const char *key_path, const char *cert_path)
{
    X509 *x = lab_x509_parse(ca->cert);
    FILE *f = open_file(key_path, "wb");
    lab_x509_need(PEM_write_PrivateKey(f, ca->key, NULL, NULL, 0, NULL, NULL) && fclose(f) == 0,
                  key_path);
    f = open_file(cert_path, "wb");
    lab_x509_need(PEM_write_X509(f, x) && fclose(f) == 0, cert_path);
    X509_free(x);
}

bool lab_ca_load(struct lab_ca *ca, const char *key_path, const char *cert_path)
{
    if (access(cert_path, R_OK) != 0)
        return false;
    FILE *f = open_file(key_path, "rb");
    ca->key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    fclose(f);
    f = open_file(cert_path, "rb");
    X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    lab_x509_need(ca->key && x, cert_path);
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    ca->cert = lab_x509_keep(ca->w, der, n);
    X509_free(x);
    return true;
}

struct lab_ca lab_ca_keep(struct lab_world *w, const char *name, const char *key_path,
                          const char *cert_path)
{
    struct lab_ca ca = {.w = w, .name = name};
    if (lab_ca_load(&ca, key_path, cert_path))
        return ca;
    ca = lab_ca_new(w, name);
    lab_ca_store(&ca, key_path, cert_path);
    return ca;
}

void lab_ca_free(struct lab_ca *ca)
{
    EVP_PKEY_free(ca->key);
    ca->key = NULL;
}

struct span lab_ca_issue(const struct lab_ca *ca, const struct lab_ca_cert *c)
{
    X509 *issuer = lab_x509_parse(ca->cert);
    X509 *x = lab_x509_start(c->subject, issuer, c->key, c->from, c->to, c->serial);
    lab_x509_add(x, issuer, NID_authority_key_identifier, "keyid");
    lab_x509_add(x, issuer, NID_key_usage, "critical,digitalSignature");
    if (c->eku)
        lab_x509_add(x, issuer, NID_ext_key_usage, c->eku);
    if (c->oid)
        lab_x509_add_bytes(x, c->oid, c->value);
    struct span der = lab_x509_finish(ca->w, x, ca->key);
    X509_free(issuer);
    return der;
}

static struct span make_crl(const struct lab_ca *ca, long serial, int64_t age, bool delta)
{
    int64_t at = lab_world_at(ca->w);
    return lab_x509_crl(ca->w, ca->cert, ca->key,
                        &(struct lab_x509_crl){at - age, at + LAB_DAY, serial, delta});
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
