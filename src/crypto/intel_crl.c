/*
 * Intel's CRLs; see intel_chain.h. CRL v2 (RFC 5280 5) in the CRL formats of the Intel SGX PCK
 * Certificate and CRL Profile Specification: complete, direct, in DER.
 */
#include "crypto/intel_chain.h"

#include "base/limits.h"
#include "base/text.h"
#include "codec/der.h"

#include <stdlib.h>

/* AlgorithmIdentifier of ecdsa-with-SHA256, without parameters (RFC 5758 3.2). */
static const uint8_t ecdsa_with_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                            0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

static const uint8_t oid_crl_number[] = {0x55, 0x1d, 0x14};         /* RFC 5280 5.2.3 */
static const uint8_t oid_reason_code[] = {0x55, 0x1d, 0x15};        /* 5.3.1 */
static const uint8_t oid_delta_crl[] = {0x55, 0x1d, 0x1b};          /* 5.2.4 */
static const uint8_t oid_issuing_point[] = {0x55, 0x1d, 0x1c};      /* 5.2.5 */
static const uint8_t oid_certificate_issuer[] = {0x55, 0x1d, 0x1d}; /* 5.3.3 */
static const uint8_t oid_authority_key_id[] = {0x55, 0x1d, 0x23};   /* 5.2.1 */

/* RFC 5280 5.3.1: removeFromCRL occurs in delta CRLs only. */
enum { LAST_REASON = 10, REMOVE_FROM_CRL = 8, NO_REASON = 7 };

/* One Extension (RFC 5280 4.1): its value has a cursor of its own. */
struct extension {
    struct span oid;
    struct rd value;
    size_t at;
    bool critical;
};

static bool next_extension(struct extension *x, struct rd *list, const char *field)
{
    x->at = rd_at(list);
    struct rd r = der_enter(list, DER_SEQUENCE, field);
    x->oid = der_oid(&r, field);
    x->critical = der_default_false(&r, field);
    x->value = der_enter(&r, DER_OCTET_STRING, field);
    return rd_end(&r, field);
}

static bool reason_code(struct rd *value)
{
    static const char field[] = "tbs.revoked_certificates.reason_code";
    size_t at = rd_at(value);
    uint32_t reason = der_small(value, DER_ENUMERATED, LAST_REASON, field);
    if (!rd_end(value, field))
        return false;
    return (reason != REMOVE_FROM_CRL && reason != NO_REASON) ||
           rd_fail(value, SITUS_UNSUPPORTED, field, at, "a reason of a complete CRL",
                   TEXT_NUM(reason));
}

static bool entry_extensions(struct rd *entry)
{
    static const char field[] = "tbs.revoked_certificates.extensions";
    struct rd list = der_enter(entry, DER_SEQUENCE, field);
    bool has_reason = false;
    do {
        struct extension x;
        if (!next_extension(&x, &list, field))
            return false;
        bool reason = span_equal(x.oid, SPAN_ARR(oid_reason_code));
        if (x.critical || span_equal(x.oid, SPAN_ARR(oid_certificate_issuer)))
            return rd_fail(&list, SITUS_UNSUPPORTED, field, x.at, "no critical entry extension",
                           TEXT_HEX(x.oid));
        if (reason && has_reason)
            return rd_fail(&list, SITUS_DUPLICATE, field, x.at, "one reason code", "another");
        if (reason && !reason_code(&x.value))
            return false;
        has_reason |= reason;
    } while (rd_left(&list));
    return rd_end(&list, field);
}

/* One entry of revokedCertificates (RFC 5280 5.1.2.6). */
static bool read_entry(struct span *serial, struct rd *list)
{
    static const char field[] = "tbs.revoked_certificates";
    struct rd r = der_enter(list, DER_SEQUENCE, field);
    *serial = der_integer(&r, "tbs.revoked_certificates.user_certificate");
    der_time(&r, "tbs.revoked_certificates.revocation_date");
    if (rd_left(&r) && !entry_extensions(&r))
        return false;
    return rd_end(&r, field);
}

static size_t count_entries(struct rd list)
{
    size_t n = 0;
    for (; rd_left(&list); n++)
        der_value(&list, DER_SEQUENCE, "tbs.revoked_certificates");
    return n;
}

static int by_serial(const void *a, const void *b)
{
    return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/* Absent when nothing is revoked, never empty (RFC 5280 5.1.2.6). */
static bool revoked_certificates(struct intel_crl *crl, struct rd *tbs, struct arena *a)
{
    static const char field[] = "tbs.revoked_certificates";
    if (der_peek(tbs) != DER_SEQUENCE)
        return true;
    size_t at = rd_at(tbs);
    struct rd list = der_enter(tbs, DER_SEQUENCE, field);
    size_t n = count_entries(list);
    if (n == 0)
        return rd_fail(tbs, SITUS_MALFORMED, field, at, "at least one entry", "none");
    struct span *serials = ARENA_ARRAY(a, n, struct span);
    if (!serials)
        return rd_fail(tbs, SITUS_NO_MEMORY, field, at, TEXT_BYTES(n * sizeof *serials),
                       "a full arena");
    for (size_t i = 0; i < n; i++)
        if (!read_entry(&serials[i], &list))
            return false;
    qsort(serials, n, sizeof *serials, by_serial);
    crl->revoked = serials;
    crl->n_revoked = n;
    return rd_end(&list, field);
}

/* Extensions met so far. */
struct seen {
    bool number, authority_key_id;
};

static bool crl_number(struct rd *value)
{
    static const char field[] = "tbs.crl_extensions.crl_number";
    der_integer(value, field);
    return rd_end(value, field);
}

static bool authority_key_id(struct intel_crl *crl, struct rd *value)
{
    static const char field[] = "tbs.crl_extensions.authority_key_identifier";
    struct rd r = der_enter(value, DER_SEQUENCE, field);
    crl->authority_key_id = der_value(&r, DER_IMPLICIT_0, field);
    return rd_end(&r, field) && rd_end(value, field);
}

static bool crl_extension(struct intel_crl *crl, struct seen *seen, struct rd *list)
{
    static const char field[] = "tbs.crl_extensions";
    struct extension x;
    if (!next_extension(&x, list, field))
        return false;
    bool number = span_equal(x.oid, SPAN_ARR(oid_crl_number));
    bool key_id = span_equal(x.oid, SPAN_ARR(oid_authority_key_id));
    if ((number && seen->number) || (key_id && seen->authority_key_id))
        return rd_fail(list, SITUS_DUPLICATE, field, x.at, "each extension once", TEXT_HEX(x.oid));
    seen->number |= number;
    seen->authority_key_id |= key_id;
    if (number)
        return crl_number(&x.value);
    if (key_id)
        return authority_key_id(crl, &x.value);
    if (span_equal(x.oid, SPAN_ARR(oid_delta_crl)))
        return rd_fail(list, SITUS_UNSUPPORTED, field, x.at, "a complete CRL", "a delta CRL");
    if (span_equal(x.oid, SPAN_ARR(oid_issuing_point)))
        return rd_fail(list, SITUS_UNSUPPORTED, field, x.at, "a CRL of all its issuer's kinds",
                       "an issuing distribution point");
    return !x.critical || rd_fail(list, SITUS_UNSUPPORTED, field, x.at,
                                  "no other critical extension", TEXT_HEX(x.oid));
}

/* CRL extensions are mandatory in v2 CRLs that conform (RFC 5280 5.1.2.7). */
static bool crl_extensions(struct intel_crl *crl, struct rd *tbs)
{
    static const char field[] = "tbs.crl_extensions";
    struct seen seen = {0};
    struct rd tagged = der_enter(tbs, DER_EXPLICIT_0, field);
    struct rd list = der_enter(&tagged, DER_SEQUENCE, field);
    while (rd_left(&list))
        if (!crl_extension(crl, &seen, &list))
            return false;
    return rd_end(&list, field) && rd_end(&tagged, field);
}

/* TBSCertList (RFC 5280 5.1.2). */
static bool read_tbs(struct intel_crl *crl, struct rd *tbs, struct arena *a)
{
    /* Version 2 is the INTEGER 1 (5.1.2.1). */
    static const uint8_t version_2[] = {0x02, 0x01, 0x01};
    if (!der_same(tbs, SPAN_ARR(version_2), SITUS_UNSUPPORTED, "tbs.version") ||
        !der_same(tbs, SPAN_ARR(ecdsa_with_sha256), SITUS_UNSUPPORTED, "tbs.signature"))
        return false;
    crl->issuer = der_element(tbs, DER_SEQUENCE, "tbs.issuer");
    crl->valid.from = der_time(tbs, "tbs.this_update");
    crl->valid.to = der_time(tbs, "tbs.next_update");
    return rd_ok(tbs) && revoked_certificates(crl, tbs, a) && crl_extensions(crl, tbs) &&
           rd_end(tbs, "tbs");
}

static bool read_crl(struct intel_crl *crl, struct rd *r, struct arena *a)
{
    static const char signature[] = "signature_value";
    struct rd body = der_enter(r, DER_SEQUENCE, "crl");
    size_t start = body.pos;
    struct rd tbs = der_enter(&body, DER_SEQUENCE, "tbs");
    crl->tbs = span_cut(body.in, start, body.pos - start);
    if (!rd_ok(&tbs) || !read_tbs(crl, &tbs, a) ||
        !der_same(&body, SPAN_ARR(ecdsa_with_sha256), SITUS_UNSUPPORTED, "signature_algorithm"))
        return false;
    struct rd bits = der_bits(&body, signature);
    return der_ecdsa(&bits, crl->rs, 32, signature) && rd_end(&bits, signature) &&
           rd_end(&body, "crl") && rd_end(r, "crl");
}

bool intel_crl_read(struct intel_crl *crl, struct span der, const char *part, struct arena *a,
                    struct situs_err *err)
{
    *crl = (struct intel_crl){.der = der};
    struct rd r = rd_new(der, 0, part, err);
    bool ok = der.n <= LIMIT_CRL
                  ? read_crl(crl, &r, a)
                  : rd_fail(&r, SITUS_TOO_LONG, "crl", 0, TEXT_BYTES(LIMIT_CRL), TEXT_BYTES(der.n));
    if (!ok)
        *crl = (struct intel_crl){0};
    return ok;
}

bool intel_crl_signed_by(const struct intel_crl *crl, const struct intel_cert *issuer,
                         const struct p256_key *key)
{
    bool is_ca = issuer->role == INTEL_ROOT || issuer->role == INTEL_PLATFORM_CA ||
                 issuer->role == INTEL_PROCESSOR_CA;
    bool ids_agree = crl->authority_key_id.n == 0 || issuer->subject_key_id.n == 0 ||
                     span_equal(crl->authority_key_id, issuer->subject_key_id);
    return is_ca && span_equal(crl->issuer, issuer->subject) && ids_agree &&
           p256_key_is(key, issuer->point) && p256_verify_message(key, crl->tbs, crl->rs);
}

bool intel_crl_revokes(const struct intel_crl *crl, struct span serial)
{
    return crl->n_revoked &&
           bsearch(&serial, crl->revoked, crl->n_revoked, sizeof *crl->revoked, by_serial);
}
