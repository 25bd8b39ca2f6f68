/* Certificates for tests; see soft_ca.h. */
#include "support/soft_ca.h"

#include "support/test.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdlib.h>

/* Everything made lives until the program ends, and stays reachable for the leak checker. */
static void *keep(void *p)
{
    static void *kept[4096];
    static size_t n;
    assert_true(n < sizeof kept / sizeof *kept);
    assert_non_null(p);
    return kept[n++] = p;
}

static struct span keep_der(unsigned char *der, int n)
{
    assert_true(n > 0);
    uint8_t *exact = keep(malloc((size_t)n)); /* exact size, so that ASan sees every overrun */
    memcpy(exact, der, (size_t)n);
    OPENSSL_free(der);
    return span_of(exact, (size_t)n);
}

static void extend(X509 *x, X509 *issuer, int nid, const char *text)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, text);
    assert_non_null(e);
    assert_int_equal(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
}

static void extend_raw(X509 *x, const char *oid, struct span value, int critical)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(octets, value.p, (int)value.n);
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, object, critical, octets);
    assert_int_equal(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(octets);
    ASN1_OBJECT_free(object);
}

static void set_name(X509 *x, const char *name)
{
    X509_NAME *n = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
}

static void add_extensions(struct soft_cert *c, X509 *x, X509 *issuer)
{
    extend(x, issuer, NID_basic_constraints, c->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    const char *usage = c->ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature";
    extend(x, issuer, NID_key_usage, c->usage ? c->usage : usage);
    extend(x, issuer, NID_subject_key_identifier, "hash");
    if (c->issuer && !c->no_aki)
        extend(x, issuer, NID_authority_key_identifier, "keyid:always");
    if (c->eku)
        extend(x, issuer, NID_ext_key_usage, c->eku);
    if (c->oid)
        extend_raw(x, c->oid, c->value, 0);
    if (c->oid2)
        extend_raw(x, c->oid2, c->value2, 0);
    if (c->critical_unknown)
        extend_raw(x, "1.2.3.4.5", SPAN_LIT("\x05"), 1);
}

void soft_ca_issue(struct soft_cert *c)
{
    static long serial = 1000;
    X509 *x = keep(X509_new());
    X509 *issuer = c->issuer ? c->issuer->x509 : x;
    if (!c->key)
        c->key = keep(EVP_EC_gen("P-256"));
    c->serial = c->serial ? c->serial : ++serial;
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), c->serial);
    set_name(x, c->name);
    X509_set_issuer_name(x, X509_get_subject_name(issuer));
    X509_set_pubkey(x, c->key);
    ASN1_TIME_set(X509_getm_notBefore(x), c->from ? c->from : SOFT_CA_NOON - 12 * 3600);
    ASN1_TIME_set(X509_getm_notAfter(x), c->to ? c->to : SOFT_CA_NOON);
    add_extensions(c, x, issuer);
    EVP_PKEY *signer = c->issuer ? c->issuer->key : c->key;
    assert_true(X509_sign(x, signer, c->sha1 ? EVP_sha1() : EVP_sha256()) > 0);
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    if (c->bad_signature)
        der[n - 1] ^= 1;
    c->x509 = x;
    c->der = keep_der(der, n);
}

struct span soft_ca_crl(const struct soft_cert *issuer, int64_t from, int64_t next, long serial)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *t = ASN1_TIME_set(NULL, from);
    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509));
    X509_CRL_set1_lastUpdate(crl, t);
    ASN1_TIME *later = next ? ASN1_TIME_set(NULL, next) : NULL;
    if (later)
        X509_CRL_set1_nextUpdate(crl, later);
    if (serial) {
        X509_REVOKED *r = X509_REVOKED_new();
        ASN1_INTEGER *number = ASN1_INTEGER_new();
        ASN1_INTEGER_set(number, serial);
        X509_REVOKED_set_serialNumber(r, number);
        X509_REVOKED_set_revocationDate(r, t);
        X509_CRL_add0_revoked(crl, r);
        ASN1_INTEGER_free(number);
    }
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer->x509, NULL, NULL, crl, 0);
    X509_EXTENSION *aki =
        X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
    X509_CRL_add_ext(crl, aki, -1);
    X509_EXTENSION_free(aki);
    assert_true(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
    unsigned char *der = NULL;
    int n = i2d_X509_CRL(crl, &der);
    ASN1_TIME_free(t);
    ASN1_TIME_free(later);
    X509_CRL_free(crl);
    return keep_der(der, n);
}

struct x509_crls *soft_ca_crls(struct x509_crls *crls, const struct span *der, size_t n)
{
    *crls = (struct x509_crls){.n = 0};
    for (size_t i = 0; i < n; i++)
        if (der[i].n)
            assert_true(x509_crls_add(crls, der[i], false));
    return crls;
}

struct span soft_ca_pem(struct span pem, int i)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *x = NULL;
    do {
        X509_free(x);
        x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        assert_non_null(x);
    } while (i-- > 0);
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    X509_free(x);
    BIO_free(bio);
    return keep_der(der, n);
}
