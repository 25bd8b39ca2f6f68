/* Certificates and CRLs; see issue.h. */
#include "provider/registrar/issue.h"

#include "base/text.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#define PART "registrar ca"

static bool internal(struct situs_err *err, const char *field)
{
    ERR_clear_error();
    return err_fail(err, SITUS_INTERNAL, PART, field, SITUS_NO_OFFSET, NULL, NULL);
}

bool issue_load(struct issuer *i, struct span cert_pem, struct span key_pem, struct situs_err *err)
{
    BIO *cert = BIO_new_mem_buf(cert_pem.p, (int)cert_pem.n);
    BIO *key = BIO_new_mem_buf(key_pem.p, (int)key_pem.n);
    *i = (struct issuer){0};
    if (cert && key) {
        i->cert = PEM_read_bio_X509(cert, NULL, NULL, NULL);
        i->key = PEM_read_bio_PrivateKey(key, NULL, NULL, (void *)(uintptr_t) "");
    }
    BIO_free(cert);
    BIO_free(key);
    ERR_clear_error();
    const char *wrong = NULL;
    if (!i->cert || !i->key)
        wrong = "something else";
    else if (X509_check_private_key(i->cert, i->key) != 1)
        wrong = "a key of another certificate";
    else if (X509_check_ca(i->cert) != 1 ||
             (X509_get_key_usage(i->cert) & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)) !=
                 (KU_KEY_CERT_SIGN | KU_CRL_SIGN))
        wrong = "a certificate that may not sign certificates and CRLs";
    ERR_clear_error();
    if (!wrong)
        return true;
    issue_free(i);
    return err_fail(err, SITUS_NOT_ALLOWED, PART, "", SITUS_NO_OFFSET,
                    "a CA certificate and its private key, PEM", wrong);
}

void issue_free(struct issuer *i)
{
    X509_free(i->cert);
    EVP_PKEY_free(i->key);
    *i = (struct issuer){0};
}

static bool put_der(unsigned char *der, int n, struct wr *out)
{
    if (n > 0)
        wr_bytes(out, span_of(der, (size_t)n));
    OPENSSL_free(der);
    return n > 0 && wr_ok(out);
}

bool issue_ca(const struct issuer *i, struct wr *der)
{
    unsigned char *p = NULL;
    int n = i2d_X509(i->cert, &p);
    return put_der(p, n, der);
}

/* One DER element (X.690 8.1) of fewer than 65536 bytes. */
static void put(struct wr *w, uint8_t tag, struct span contents)
{
    wr_u8(w, tag);
    if (contents.n >= 256) {
        wr_u8(w, 0x82);
        wr_u16be(w, (uint16_t)contents.n);
    } else {
        if (contents.n >= 128)
            wr_u8(w, 0x81);
        wr_u8(w, (uint8_t)contents.n);
    }
    wr_bytes(w, contents);
}

/* A non-negative INTEGER (X.690 8.3): the fewest bytes, the first bit zero. */
static void put_number(struct wr *w, uint64_t v)
{
    uint8_t bytes[9] = {0};
    size_t from = 8;
    for (size_t i = 0; i < 8; i++)
        bytes[8 - i] = (uint8_t)(v >> 8 * i);
    for (size_t i = 8; i > 0; i--)
        if (bytes[i])
            from = i;
    from -= bytes[from] & 0x80 ? 1 : 0;
    put(w, 0x02, span_of(bytes + from, 9 - from));
}

/* SitusMachine (DESIGN: attestation key): tags of UTF8String, ENUMERATED, OCTET STRING, INTEGER. */
static bool machine_extension(const struct ak_situs *m, struct wr *out)
{
    uint8_t room[1024];
    const uint8_t class[1] = {(uint8_t)m->class};
    struct wr w = wr_new(room, sizeof room);
    put(&w, 0x0c, m->facility);
    put(&w, 0x0c, m->machine);
    put(&w, 0x0a, SPAN_ARR(class));
    put(&w, 0x04, m->ek_name);
    put(&w, 0x04, m->ak_name);
    put(&w, 0x04, m->piid);
    put_number(&w, m->reset_count);
    put_number(&w, m->restart_count);
    put(out, 0x30, wr_span(&w));
    return wr_ok(&w) && wr_ok(out);
}

static bool extend(X509 *x, X509 *issuer, int nid, const char *text)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, text);
    bool ok = e && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

static bool extend_machine(X509 *x, const struct ak_situs *m)
{
    uint8_t room[1100];
    struct wr w = wr_new(room, sizeof room);
    ASN1_OBJECT *oid = OBJ_txt2obj(AK_SITUS_OID, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *e = NULL;
    if (oid && value && machine_extension(m, &w) &&
        ASN1_OCTET_STRING_set(value, room, (int)w.n) == 1)
        e = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
    bool ok = e && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
    return ok;
}

/* A random serial, positive and of full length (RFC 5280 4.1.2.2). */
static bool set_serial(X509 *x, uint8_t serial[ISSUE_SERIAL])
{
    if (RAND_bytes(serial, ISSUE_SERIAL) != 1)
        return false;
    serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
    BIGNUM *n = BN_bin2bn(serial, ISSUE_SERIAL, NULL);
    bool ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
    BN_free(n);
    return ok;
}

static bool fill(X509 *x, const struct issuer *i, const struct issue_ak *q, EVP_PKEY *key,
                 uint8_t serial[ISSUE_SERIAL])
{
    X509_NAME *subject = X509_get_subject_name(x);
    return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x, serial) &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, q->machine.machine.p,
                                      (int)q->machine.machine.n, -1, 0) == 1 &&
           X509_set_issuer_name(x, X509_get_subject_name(i->cert)) == 1 &&
           ASN1_TIME_set(X509_getm_notBefore(x), (time_t)q->from) &&
           ASN1_TIME_set(X509_getm_notAfter(x), (time_t)q->to) && X509_set_pubkey(x, key) == 1 &&
           extend(x, i->cert, NID_basic_constraints, "critical,CA:FALSE") &&
           extend(x, i->cert, NID_key_usage, "critical,digitalSignature") &&
           extend(x, i->cert, NID_ext_key_usage, "2.23.133.8.3") &&
           extend(x, i->cert, NID_subject_key_identifier, "hash") &&
           extend(x, i->cert, NID_authority_key_identifier, "keyid:always") &&
           extend_machine(x, &q->machine) && X509_sign(x, i->key, EVP_sha256()) > 0;
}

bool issue_ak_certificate(const struct issuer *i, const struct issue_ak *q, struct wr *der,
                          uint8_t serial[ISSUE_SERIAL], struct situs_err *err)
{
    if (q->to <= q->from || q->to - q->from > ISSUE_SECONDS_MAX)
        return err_fail(err, SITUS_NOT_ALLOWED, PART, "validity", SITUS_NO_OFFSET,
                        "at most 24 hours", TEXT_NUM(q->to - q->from));
    unsigned char *out = NULL;
    /* struct public_key is an EVP_PKEY (crypto/verify.c) */
    EVP_PKEY *key = (EVP_PKEY *)(uintptr_t)q->key;
    X509 *x = X509_new();
    int n = x && fill(x, i, q, key, serial) ? i2d_X509(x, &out) : 0;
    X509_free(x);
    return put_der(out, n, der) || internal(err, "certificate");
}

static bool revoke(X509_CRL *crl, struct span serial, const ASN1_TIME *at)
{
    X509_REVOKED *r = X509_REVOKED_new();
    BIGNUM *n = BN_bin2bn(serial.p, (int)serial.n, NULL);
    ASN1_INTEGER *number = n ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
    bool ok = r && number && X509_REVOKED_set_serialNumber(r, number) == 1 &&
              X509_REVOKED_set_revocationDate(r, (ASN1_TIME *)(uintptr_t)at) == 1 &&
              X509_CRL_add0_revoked(crl, r) == 1;
    if (!ok)
        X509_REVOKED_free(r);
    ASN1_INTEGER_free(number);
    BN_free(n);
    return ok;
}

/* The CRL number is the time: later lists have larger numbers (RFC 5280 5.2.3). */
static bool extend_crl(X509_CRL *crl, X509 *issuer, int64_t number)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, NULL, NULL, crl, 0);
    X509_EXTENSION *aki =
        X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
    ASN1_INTEGER *n = ASN1_INTEGER_new();
    bool ok = aki && n && X509_CRL_add_ext(crl, aki, -1) == 1 &&
              ASN1_INTEGER_set_int64(n, number) == 1 &&
              X509_CRL_add1_ext_i2d(crl, NID_crl_number, n, 0, 0) == 1;
    X509_EXTENSION_free(aki);
    ASN1_INTEGER_free(n);
    return ok;
}

bool issue_crl(const struct issuer *i, struct span serials, int64_t from, int64_t to,
               struct wr *der, struct situs_err *err)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *now = ASN1_TIME_set(NULL, (time_t)from), *next = ASN1_TIME_set(NULL, (time_t)to);
    unsigned char *out = NULL;
    bool ok = crl && now && next && serials.n % ISSUE_SERIAL == 0 &&
              X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
              X509_CRL_set_issuer_name(crl, X509_get_subject_name(i->cert)) == 1 &&
              X509_CRL_set1_lastUpdate(crl, now) == 1 && X509_CRL_set1_nextUpdate(crl, next) == 1;
    for (size_t at = 0; ok && at < serials.n; at += ISSUE_SERIAL)
        ok = revoke(crl, span_cut(serials, at, ISSUE_SERIAL), now);
    ok = ok && extend_crl(crl, i->cert, from) && X509_CRL_sort(crl) == 1 &&
         X509_CRL_sign(crl, i->key, EVP_sha256()) > 0;
    int n = ok ? i2d_X509_CRL(crl, &out) : 0;
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
    X509_CRL_free(crl);
    return put_der(out, n, der) || internal(err, "crl");
}
