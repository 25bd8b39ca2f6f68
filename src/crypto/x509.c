/* Certificates and their extensions; see x509.h. Chains are in x509_verify.c. */
#include "crypto/x509.h"

#include "base/limits.h"
#include "base/text.h"
#include "crypto/x509_openssl.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

X509 *x509_openssl(const struct x509 *cert)
{
    return (X509 *)(uintptr_t)cert;
}

/* filled says that the bytes are all one of n values. */
static bool filled(struct span s, const uint8_t *values, size_t n)
{
    bool yes = s.n == 0;
    for (size_t i = 0; i < n; i++)
        yes |= span_all(s, values[i]);
    return yes;
}

static struct x509 *read(struct span der, const uint8_t *fills, size_t n, size_t *padding,
                         const char *part, struct situs_err *err)
{
    if (der.n > LIMIT_CERT) {
        err_fail(err, SITUS_TOO_LONG, part, "certificate", SITUS_NO_OFFSET, TEXT_BYTES(LIMIT_CERT),
                 TEXT_BYTES(der.n));
        return NULL;
    }
    const unsigned char *p = der.p;
    X509 *cert = der.n ? d2i_X509(NULL, &p, (long)der.n) : NULL;
    ERR_clear_error();
    if (!cert) {
        err_fail(err, SITUS_MALFORMED, part, "certificate", 0, "one DER certificate", NULL);
        return NULL;
    }
    size_t used = (size_t)(p - der.p);
    struct span rest = span_cut(der, used, der.n - used);
    if (!filled(rest, fills, n)) {
        err_fail(err, SITUS_TRAILING, part, "certificate", used, "nothing after it",
                 TEXT_BYTES(rest.n));
        X509_free(cert);
        return NULL;
    }
    if (padding)
        *padding = rest.n;
    return (struct x509 *)cert;
}

struct x509 *x509_read(struct span der, size_t *padding, const char *part, struct situs_err *err)
{
    static const uint8_t zero[] = {0};
    return read(der, zero, padding ? 1 : 0, padding, part, err);
}

struct x509 *x509_read_nv(struct span der, size_t *padding, const char *part, struct situs_err *err)
{
    static const uint8_t fills[] = {0x00, 0xff, 0x11};
    return read(der, fills, sizeof fills, padding, part, err);
}

void x509_free(struct x509 *cert)
{
    X509_free(x509_openssl(cert));
}

bool x509_sha256(const struct x509 *cert, uint8_t out[32])
{
    return X509_digest(x509_openssl(cert), EVP_sha256(), out, NULL) == 1;
}

bool x509_key_sha256(const struct x509 *cert, uint8_t out[32])
{
    unsigned char *der = NULL;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509_openssl(cert)), &der);
    bool ok = n > 0 && digest(HASH_SHA256, span_of(der, (size_t)n), out);
    OPENSSL_free(der);
    return ok;
}

size_t x509_spki(const struct x509 *cert, uint8_t *out, size_t room)
{
    unsigned char *der = NULL;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509_openssl(cert)), &der);
    size_t n = size > 0 && (size_t)size <= room ? (size_t)size : 0;
    if (n)
        memcpy(out, der, n);
    OPENSSL_free(der);
    return n;
}

struct public_key *x509_key(const struct x509 *cert, const char *part, struct situs_err *err)
{
    /* decoded with the certificate: to decode its bytes once more costs two signatures */
    return verify_key_take((struct public_key *)X509_get_pubkey(x509_openssl(cert)), part, err);
}

bool x509_time(int64_t *out, const ASN1_TIME *t)
{
    struct tm tm;
    return t && ASN1_TIME_to_tm(t, &tm) == 1 &&
           time_from_civil(out, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                           tm.tm_sec);
}

bool x509_validity(const struct x509 *cert, struct window *valid)
{
    bool ok = x509_time(&valid->from, X509_get0_notBefore(x509_openssl(cert))) &&
              x509_time(&valid->to, X509_get0_notAfter(x509_openssl(cert)));
    ERR_clear_error();
    return ok;
}

struct span x509_extension(const struct x509 *cert, const char *oid)
{
    struct span value = {NULL, 0};
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    int at = object ? X509_get_ext_by_OBJ(x509_openssl(cert), object, -1) : -1;
    if (at >= 0 && X509_get_ext_by_OBJ(x509_openssl(cert), object, at) < 0) {
        const ASN1_OCTET_STRING *s = X509_EXTENSION_get_data(X509_get_ext(x509_openssl(cert), at));
        value = span_of(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
    }
    ASN1_OBJECT_free(object);
    ERR_clear_error();
    return value;
}

bool x509_has_eku(const struct x509 *cert)
{
    return X509_get_ext_by_NID(x509_openssl(cert), NID_ext_key_usage, -1) >= 0;
}

bool x509_lists_eku(const struct x509 *cert, const char *oid)
{
    ASN1_OBJECT *wanted = OBJ_txt2obj(oid, 1);
    EXTENDED_KEY_USAGE *eku = X509_get_ext_d2i(x509_openssl(cert), NID_ext_key_usage, NULL, NULL);
    bool found = false;
    for (int i = 0; wanted && eku && i < sk_ASN1_OBJECT_num(eku); i++)
        found |= OBJ_cmp(sk_ASN1_OBJECT_value(eku, i), wanted) == 0;
    sk_ASN1_OBJECT_pop_free(eku, ASN1_OBJECT_free);
    ASN1_OBJECT_free(wanted);
    ERR_clear_error();
    return found;
}

bool x509_signs_only(const struct x509 *cert)
{
    bool only = X509_get_key_usage(x509_openssl(cert)) == KU_DIGITAL_SIGNATURE;
    ERR_clear_error();
    return only;
}

bool x509_usage_signs(const struct x509 *cert)
{
    uint32_t usage = X509_get_key_usage(x509_openssl(cert)); /* UINT32_MAX: no such extension */
    ERR_clear_error();
    return usage != UINT32_MAX && (usage & KU_DIGITAL_SIGNATURE);
}

bool x509_may_sign(const struct x509 *cert)
{
    return x509_usage_signs(cert) && !x509_is_ca(cert);
}

bool x509_is_ca(const struct x509 *cert)
{
    bool ca = X509_check_ca(x509_openssl(cert)) != 0;
    ERR_clear_error();
    return ca;
}

char *x509_subject(const struct x509 *cert, char *text, size_t size)
{
    char *p = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(x509_openssl(cert)), 0,
                                  XN_FLAG_RFC2253) >= 0) {
        long n = BIO_get_mem_data(bio, &p);
        text_cut(text, size, span_of(p, n > 0 ? (size_t)n : 0));
    } else {
        text[0] = 0;
    }
    BIO_free(bio);
    ERR_clear_error();
    return text;
}

static size_t common_name(const X509_NAME *name, uint8_t *text, size_t size)
{
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    unsigned char *utf8 = NULL;
    int n = -1;
    if (at >= 0 && X509_NAME_get_index_by_NID(name, NID_commonName, at) < 0)
        n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    size_t used = n > 0 ? (size_t)n : 0;
    used = used < size ? used : size;
    if (used)
        memcpy(text, utf8, used);
    OPENSSL_free(utf8);
    ERR_clear_error();
    return used;
}

size_t x509_common_name(const struct x509 *cert, uint8_t *text, size_t size)
{
    return common_name(X509_get_subject_name(x509_openssl(cert)), text, size);
}

size_t x509_issuer_common_name(const struct x509 *cert, uint8_t *text, size_t size)
{
    return common_name(X509_get_issuer_name(x509_openssl(cert)), text, size);
}
