/*
 * Intel's SGX certificates; see chain.h. X.509 v3 (RFC 5280 4.1) within the Intel SGX PCK
 * Certificate and CRL Profile Specification 1.3 (certificate formats): what is not in the profile
 * is refused, not interpreted.
 */
#include "tee/intel/chain.h"

#include "base/limits.h"
#include "base/text.h"
#include "codec/der.h"

/* Version 3, explicitly tagged (RFC 5280 4.1.2.1). */
static const uint8_t version_3[] = {0xa0, 0x03, 0x02, 0x01, 0x02};

/* AlgorithmIdentifier of ecdsa-with-SHA256, without parameters (RFC 5758 3.2). */
static const uint8_t ecdsa_with_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                            0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

/* SubjectPublicKeyInfo of id-ecPublicKey on secp256r1, up to the uncompressed point (RFC 5480
 * 2). */
static const uint8_t p256_key_head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                        0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

static const uint8_t oid_common_name[] = {0x55, 0x04, 0x03};       /* RFC 5280 A.1: 2.5.4.3 */
static const uint8_t oid_subject_key_id[] = {0x55, 0x1d, 0x0e};    /* 4.2.1.2: 2.5.29.14 */
static const uint8_t oid_key_usage[] = {0x55, 0x1d, 0x0f};         /* 4.2.1.3: 2.5.29.15 */
static const uint8_t oid_basic_constraints[] = {0x55, 0x1d, 0x13}; /* 4.2.1.9: 2.5.29.19 */
static const uint8_t oid_name_constraints[] = {0x55, 0x1d, 0x1e};  /* 4.2.1.10: 2.5.29.30 */
static const uint8_t oid_authority_key_id[] = {0x55, 0x1d, 0x23};  /* 4.2.1.1: 2.5.29.35 */
/* PCK profile 1.3.5: 1.2.840.113741.1.13.1 */
static const uint8_t oid_sgx[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

/* KeyUsage bits as der_named_bits gives them (RFC 5280 4.2.1.3: bit 0 is digitalSignature). */
enum {
    SIGN_DATA = 0xc000, /* digitalSignature, nonRepudiation */
    SIGN_CERTS = 0x0600 /* keyCertSign, cRLSign */
};

enum { NO_PATH_LENGTH = -1 };

/* What each subject common name stands for (PCK profile 1.3.1 to 1.3.5). */
static const struct role {
    enum intel_role role;
    const char *common_name;
    bool ca;
    int path_length;
    uint16_t key_usage;
} roles[] = {
    {INTEL_ROOT, "Intel SGX Root CA", true, 1, SIGN_CERTS},
    {INTEL_PLATFORM_CA, "Intel SGX PCK Platform CA", true, 0, SIGN_CERTS},
    {INTEL_PROCESSOR_CA, "Intel SGX PCK Processor CA", true, 0, SIGN_CERTS},
    {INTEL_PCK, "Intel SGX PCK Certificate", false, NO_PATH_LENGTH, SIGN_DATA},
    {INTEL_TCB_SIGNING, "Intel SGX TCB Signing", false, NO_PATH_LENGTH, SIGN_DATA},
};

/* Extensions met so far, and what they say. */
struct extensions {
    struct span seen[16]; /* OIDs; real certificates have six extensions */
    size_t n;
    bool ca, has_key_usage;
    int path_length;
    uint16_t key_usage;
};

static bool serial_number(struct intel_cert *cert, struct rd *r)
{
    size_t at = rd_at(r);
    cert->serial = der_integer(r, "tbs.serial_number");
    if (!rd_ok(r))
        return false;
    /* RFC 5280 4.1.2.2: positive, at most 20 octets (and the sign octet) */
    struct span s = cert->serial;
    bool sign = s.p[0] == 0;
    if (s.p[0] >= 0x80 || (sign && s.n == 1) || s.n - sign > 20)
        return rd_fail(r, SITUS_MALFORMED, "tbs.serial_number", at, "positive, at most 20 bytes",
                       TEXT_HEX(s));
    return true;
}

static bool validity(struct intel_cert *cert, struct rd *r)
{
    struct rd v = der_enter(r, DER_SEQUENCE, "tbs.validity");
    cert->valid.from = der_time(&v, "tbs.validity.not_before");
    cert->valid.to = der_time(&v, "tbs.validity.not_after");
    return rd_end(&v, "tbs.validity");
}

/* One attribute a RDN, as UTF8String or PrintableString (PCK profile 1.3). */
static bool attribute(struct rd *name, struct span *common_name)
{
    struct rd rdn = der_enter(name, DER_SET, "tbs.subject");
    size_t at = rd_at(&rdn);
    struct rd pair = der_enter(&rdn, DER_SEQUENCE, "tbs.subject");
    struct span type = der_oid(&pair, "tbs.subject.type");
    uint8_t tag = der_peek(&pair) == DER_PRINTABLE_STRING ? DER_PRINTABLE_STRING : DER_UTF8_STRING;
    struct span value = der_value(&pair, tag, "tbs.subject.value");
    if (!rd_end(&pair, "tbs.subject") || !rd_end(&rdn, "tbs.subject"))
        return false;
    if (!text_utf8(value))
        return rd_fail(&pair, SITUS_MALFORMED, "tbs.subject.value", at, "UTF-8", TEXT_HEX(value));
    if (!span_equal(type, SPAN_ARR(oid_common_name)))
        return true;
    if (common_name->p)
        return rd_fail(&pair, SITUS_DUPLICATE, "tbs.subject.common_name", at, "one common name",
                       TEXT_CUT(value));
    *common_name = value;
    return true;
}

static const struct role *subject(struct intel_cert *cert, struct rd *r)
{
    size_t start = r->pos, at = rd_at(r);
    struct rd name = der_enter(r, DER_SEQUENCE, "tbs.subject");
    struct span common_name = {0};
    while (rd_left(&name))
        if (!attribute(&name, &common_name))
            return NULL;
    if (!rd_ok(&name))
        return NULL;
    cert->subject = span_cut(r->in, start, r->pos - start);
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (span_equal(common_name, span_text(roles[i].common_name)))
            return &roles[i];
    rd_fail(r, SITUS_UNKNOWN, "tbs.subject.common_name", at, "a name of Intel's SGX hierarchy",
            TEXT_CUT(common_name));
    return NULL;
}

bool intel_is_ca(struct span name)
{
    struct situs_err none = {0};
    struct intel_cert cert;
    struct rd r = rd_new(name, 0, "", &none);
    const struct role *role = subject(&cert, &r);
    return role && role->ca;
}

static bool public_key(struct intel_cert *cert, struct rd *r)
{
    static const char field[] = "tbs.subject_public_key_info";
    if (!der_same(r, SPAN_ARR(p256_key_head), SITUS_UNSUPPORTED, field))
        return false;
    struct span point = rd_bytes(r, sizeof cert->point, field);
    if (rd_ok(r))
        memcpy(cert->point, point.p, point.n);
    return rd_ok(r);
}

static bool basic_constraints(struct extensions *x, struct rd *value)
{
    static const char field[] = "tbs.extensions.basic_constraints";
    struct rd r = der_enter(value, DER_SEQUENCE, field);
    x->ca = der_default_false(&r, field);
    if (der_peek(&r) == DER_INTEGER)
        x->path_length = (int)der_small(&r, DER_INTEGER, 127, field);
    return rd_end(&r, field) && rd_end(value, field);
}

static bool key_usage(struct extensions *x, struct rd *value)
{
    static const char field[] = "tbs.extensions.key_usage";
    x->has_key_usage = true;
    x->key_usage = der_named_bits(value, field);
    return rd_end(value, field);
}

static bool subject_key_id(struct intel_cert *cert, struct rd *value)
{
    static const char field[] = "tbs.extensions.subject_key_identifier";
    cert->subject_key_id = der_value(value, DER_OCTET_STRING, field);
    return rd_end(value, field);
}

/* Only the keyIdentifier, as the profile has it. */
static bool authority_key_id(struct intel_cert *cert, struct rd *value)
{
    static const char field[] = "tbs.extensions.authority_key_identifier";
    struct rd r = der_enter(value, DER_SEQUENCE, field);
    cert->authority_key_id = der_value(&r, DER_IMPLICIT_0, field);
    return rd_end(&r, field) && rd_end(value, field);
}

static bool first_of_its_kind(struct extensions *x, struct rd *r, struct span oid, size_t at)
{
    static const char field[] = "tbs.extensions";
    for (size_t i = 0; i < x->n; i++)
        if (span_equal(x->seen[i], oid))
            return rd_fail(r, SITUS_DUPLICATE, field, at, "each extension once", TEXT_HEX(oid));
    if (x->n == sizeof x->seen / sizeof *x->seen)
        return rd_fail(r, SITUS_TOO_LONG, field, at, "at most 16 extensions", NULL);
    x->seen[x->n++] = oid;
    return true;
}

static bool extension(struct intel_cert *cert, struct extensions *x, struct rd *list)
{
    static const char field[] = "tbs.extensions";
    size_t at = rd_at(list);
    struct rd r = der_enter(list, DER_SEQUENCE, field);
    struct span oid = der_oid(&r, field);
    bool critical = der_default_false(&r, field);
    struct rd value = der_enter(&r, DER_OCTET_STRING, field);
    if (!rd_end(&r, field) || !first_of_its_kind(x, &r, oid, at))
        return false;
    if (span_equal(oid, SPAN_ARR(oid_basic_constraints)))
        return basic_constraints(x, &value);
    if (span_equal(oid, SPAN_ARR(oid_key_usage)))
        return key_usage(x, &value);
    if (span_equal(oid, SPAN_ARR(oid_subject_key_id)))
        return subject_key_id(cert, &value);
    if (span_equal(oid, SPAN_ARR(oid_authority_key_id)))
        return authority_key_id(cert, &value);
    if (span_equal(oid, SPAN_ARR(oid_sgx))) {
        cert->sgx = value.in;
        cert->sgx_at = (size_t)(value.in.p - cert->der.p);
        return true;
    }
    if (critical || span_equal(oid, SPAN_ARR(oid_name_constraints)))
        return rd_fail(&r, SITUS_UNSUPPORTED, field, at,
                       "no name constraints, no other critical extension", TEXT_HEX(oid));
    return true;
}

/* At least as long as the role needs; none is without limit, and a leaf has none (RFC 5280
 * 4.2.1.9). */
static bool path_fits(const struct extensions *x, const struct role *role)
{
    return x->path_length == NO_PATH_LENGTH || (role->ca && x->path_length >= role->path_length);
}

static bool fits_role(const struct extensions *x, const struct role *role, struct rd *r, size_t at)
{
    if (x->ca != role->ca || !path_fits(x, role))
        return rd_fail(r, SITUS_MISMATCH, "tbs.extensions.basic_constraints", at,
                       role->ca ? "a CA with the path length that its role needs" : "no CA",
                       x->ca ? "a CA with a shorter one" : "no CA");
    if (!x->has_key_usage)
        return rd_fail(r, SITUS_MISSING, "tbs.extensions.key_usage", at, "present", "absent");
    if (x->key_usage != role->key_usage)
        return rd_fail(r, SITUS_MISMATCH, "tbs.extensions.key_usage", at,
                       role->ca ? "keyCertSign, cRLSign" : "digitalSignature, nonRepudiation",
                       TEXT_NUM(x->key_usage));
    return true;
}

static bool extensions(struct intel_cert *cert, const struct role *role, struct rd *tbs)
{
    static const char field[] = "tbs.extensions";
    struct extensions x = {.path_length = NO_PATH_LENGTH};
    size_t at = rd_at(tbs);
    struct rd tagged = der_enter(tbs, DER_EXPLICIT_3, field);
    struct rd list = der_enter(&tagged, DER_SEQUENCE, field);
    while (rd_left(&list))
        if (!extension(cert, &x, &list))
            return false;
    cert->path_of_intel = x.path_length == role->path_length;
    return rd_end(&list, field) && rd_end(&tagged, field) && fits_role(&x, role, tbs, at);
}

/* TBSCertificate (RFC 5280 4.1.2), without the unique identifiers, which the profile lacks. */
static bool read_tbs(struct intel_cert *cert, struct rd *tbs)
{
    if (!der_same(tbs, SPAN_ARR(version_3), SITUS_UNSUPPORTED, "tbs.version") ||
        !serial_number(cert, tbs) ||
        !der_same(tbs, SPAN_ARR(ecdsa_with_sha256), SITUS_UNSUPPORTED, "tbs.signature"))
        return false;
    cert->issuer = der_element(tbs, DER_SEQUENCE, "tbs.issuer");
    if (!rd_ok(tbs) || !validity(cert, tbs))
        return false;
    const struct role *role = subject(cert, tbs);
    if (!role || !public_key(cert, tbs) || !extensions(cert, role, tbs))
        return false;
    cert->role = role->role;
    return rd_end(tbs, "tbs");
}

static bool read_signature(uint8_t rs[64], struct rd *r)
{
    static const char field[] = "signature_value";
    if (!der_same(r, SPAN_ARR(ecdsa_with_sha256), SITUS_UNSUPPORTED, "signature_algorithm"))
        return false;
    struct rd bits = der_bits(r, field);
    return der_ecdsa(&bits, rs, 32, field) && rd_end(&bits, field);
}

static bool read_certificate(struct intel_cert *cert, struct rd *r)
{
    struct rd body = der_enter(r, DER_SEQUENCE, "certificate");
    size_t start = body.pos;
    struct rd tbs = der_enter(&body, DER_SEQUENCE, "tbs");
    cert->tbs = span_cut(body.in, start, body.pos - start);
    return rd_ok(&tbs) && read_tbs(cert, &tbs) && read_signature(cert->rs, &body) &&
           rd_end(&body, "certificate") && rd_end(r, "certificate");
}

bool intel_cert_read(struct intel_cert *cert, struct span der, size_t base, const char *part,
                     struct situs_err *err)
{
    *cert = (struct intel_cert){.der = der};
    struct rd r = rd_new(der, base, part, err);
    bool ok = der.n <= LIMIT_CERT ? read_certificate(cert, &r)
                                  : rd_fail(&r, SITUS_TOO_LONG, "certificate", base,
                                            TEXT_BYTES(LIMIT_CERT), TEXT_BYTES(der.n));
    if (!ok)
        *cert = (struct intel_cert){0};
    return ok;
}

static bool may_sign(const struct intel_cert *issuer, const struct intel_cert *cert)
{
    switch (cert->role) {
    case INTEL_ROOT:
        return span_equal(issuer->der, cert->der);
    case INTEL_PLATFORM_CA:
    case INTEL_PROCESSOR_CA:
    case INTEL_TCB_SIGNING:
        return issuer->role == INTEL_ROOT;
    case INTEL_PCK:
        return issuer->role == INTEL_PLATFORM_CA || issuer->role == INTEL_PROCESSOR_CA;
    case INTEL_ROLE_NONE:
        break;
    }
    return false;
}

bool intel_cert_signed_by(const struct intel_cert *cert, const struct intel_cert *issuer,
                          const struct p256_key *key)
{
    bool ids_agree = cert->authority_key_id.n == 0 || issuer->subject_key_id.n == 0 ||
                     span_equal(cert->authority_key_id, issuer->subject_key_id);
    return may_sign(issuer, cert) && span_equal(cert->issuer, issuer->subject) && ids_agree &&
           p256_key_is(key, issuer->point) && p256_verify_message(key, cert->tbs, cert->rs);
}
