/* CRLs; see crl.h. Sections without a name are RFC 5280's. */
#include "crypto/crl.h"

#include "base/limits.h"
#include "base/text.h"
#include "codec/der.h"

static const uint8_t oid_crl_number[] = {0x55, 0x1d, 0x14};         /* 5.2.3 */
static const uint8_t oid_reason_code[] = {0x55, 0x1d, 0x15};        /* 5.3.1 */
static const uint8_t oid_delta_crl[] = {0x55, 0x1d, 0x1b};          /* 5.2.4 */
static const uint8_t oid_issuing_point[] = {0x55, 0x1d, 0x1c};      /* 5.2.5 */
static const uint8_t oid_certificate_issuer[] = {0x55, 0x1d, 0x1d}; /* 5.3.3 */
static const uint8_t oid_authority_key_id[] = {0x55, 0x1d, 0x23};   /* 5.2.1 */

/* 5.3.1: removeFromCRL occurs in delta CRLs only. */
enum { LAST_REASON = 10, REMOVE_FROM_CRL = 8, NO_REASON = 7 };

/* Context tags of 4.2.1.1 (AuthorityKeyIdentifier) and 4.2.1.6 (GeneralName). */
enum { ISSUER_OF_ISSUER = 0xa1, SERIAL_OF_ISSUER = 0x82, NAME_IS_URI = 0x86 };

/* One Extension (4.1): its value has a cursor of its own. */
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

struct rd crl_entries(const struct crl *crl, const char *part, struct situs_err *err)
{
    return rd_new(crl->revoked, crl->revoked_at, part, err);
}

bool crl_entry(struct rd *entries, struct span *serial)
{
    static const char field[] = "tbs.revoked_certificates";
    struct rd r = der_enter(entries, DER_SEQUENCE, field);
    *serial = der_integer(&r, "tbs.revoked_certificates.user_certificate");
    der_time(&r, "tbs.revoked_certificates.revocation_date");
    if (rd_left(&r) && !entry_extensions(&r))
        return false;
    return rd_end(&r, field);
}

bool crl_lists(const struct crl *crl, struct span serial)
{
    struct situs_err none = {0};
    struct rd list = crl_entries(crl, "crl", &none);
    while (rd_left(&list)) {
        struct rd entry = der_enter(&list, DER_SEQUENCE, "");
        if (span_equal(der_value(&entry, DER_INTEGER, ""), serial))
            return rd_ok(&entry);
    }
    return false;
}

/* Absent when nothing is revoked, never empty (5.1.2.6). */
static bool revoked_certificates(struct crl *crl, struct rd *tbs)
{
    static const char field[] = "tbs.revoked_certificates";
    if (der_peek(tbs) != DER_SEQUENCE)
        return true;
    size_t at = rd_at(tbs);
    struct rd list = der_enter(tbs, DER_SEQUENCE, field);
    if (rd_ok(&list) && list.in.n == 0)
        return rd_fail(tbs, SITUS_MALFORMED, field, at, "at least one entry", "none");
    crl->revoked = list.in;
    crl->revoked_at = list.base;
    return rd_ok(&list);
}

/* What one CRL is read into, and the extensions met so far. */
struct work {
    struct crl *crl;
    const struct crl_rules *rules;
    bool number, key_id, point;
};

static bool crl_number(struct rd *value)
{
    static const char field[] = "tbs.crl_extensions.crl_number";
    der_integer(value, field);
    return rd_end(value, field);
}

/* Name and number of the issuer's own certificate say no more than the signature does. */
static bool authority_key_id(struct work *w, struct rd *value)
{
    static const char field[] = "tbs.crl_extensions.authority_key_identifier";
    struct rd r = der_enter(value, DER_SEQUENCE, field);
    if (w->rules->intel || der_peek(&r) == DER_IMPLICIT_0)
        w->crl->authority_key_id = der_value(&r, DER_IMPLICIT_0, field);
    if (!w->rules->intel && der_peek(&r) == ISSUER_OF_ISSUER)
        der_value(&r, ISSUER_OF_ISSUER, field);
    if (!w->rules->intel && der_peek(&r) == SERIAL_OF_ISSUER)
        der_value(&r, SERIAL_OF_ISSUER, field);
    return rd_end(&r, field) && rd_end(value, field);
}

/* 5.2.5: a distribution point's full name, in URIs, and nothing that takes kinds of certificate or
 * reasons out or other issuers in. */
static bool issuing_point(struct work *w, struct rd *value)
{
    static const char field[] = "tbs.crl_extensions";
    struct rd r = der_enter(value, DER_SEQUENCE, field);
    struct rd name = der_enter(&r, DER_EXPLICIT_0, field);
    struct rd list = der_enter(&name, DER_EXPLICIT_0, field);
    w->crl->point = list.in;
    do
        der_value(&list, NAME_IS_URI, field);
    while (rd_left(&list));
    return rd_end(&list, field) && rd_end(&name, field) && rd_end(&r, field) &&
           rd_end(value, field);
}

static bool refuse_point(struct rd *list, const struct extension *x)
{
    return rd_fail(list, SITUS_UNSUPPORTED, "tbs.crl_extensions", x->at,
                   "a CRL of all its issuer's kinds and reasons", "an issuing distribution point");
}

/* It must be critical: who does not know it takes the CRL for a complete one. What it holds beyond
 * a full name is told in one sentence, wherever it lies. */
static bool partitioned(struct work *w, struct rd *list, struct extension *x)
{
    struct situs_err why = {0};
    struct rd value = rd_new(x->value.in, x->value.base, x->value.part, &why);
    return (!w->rules->intel && x->critical && issuing_point(w, &value)) || refuse_point(list, x);
}

static bool once(bool *seen, struct rd *list, const struct extension *x)
{
    if (*seen)
        return rd_fail(list, SITUS_DUPLICATE, "tbs.crl_extensions", x->at, "each extension once",
                       TEXT_HEX(x->oid));
    return *seen = true;
}

static bool crl_extension(struct work *w, struct rd *list)
{
    static const char field[] = "tbs.crl_extensions";
    struct extension x;
    if (!next_extension(&x, list, field))
        return false;
    if (span_equal(x.oid, SPAN_ARR(oid_delta_crl)))
        return rd_fail(list, SITUS_UNSUPPORTED, field, x.at, "a complete CRL", "a delta CRL");
    if (span_equal(x.oid, SPAN_ARR(oid_issuing_point)))
        return once(&w->point, list, &x) && partitioned(w, list, &x);
    if (span_equal(x.oid, SPAN_ARR(oid_crl_number)))
        return once(&w->number, list, &x) && crl_number(&x.value);
    if (span_equal(x.oid, SPAN_ARR(oid_authority_key_id)))
        return once(&w->key_id, list, &x) && authority_key_id(w, &x.value);
    return !x.critical || rd_fail(list, SITUS_UNSUPPORTED, field, x.at,
                                  "no other critical extension", TEXT_HEX(x.oid));
}

/* Extensions are mandatory in v2 CRLs that conform (5.1.2.7); small CAs leave them out. */
static bool crl_extensions(struct work *w, struct rd *tbs)
{
    static const char field[] = "tbs.crl_extensions";
    if (!w->rules->intel && !rd_left(tbs))
        return rd_ok(tbs);
    struct rd tagged = der_enter(tbs, DER_EXPLICIT_0, field);
    struct rd list = der_enter(&tagged, DER_SEQUENCE, field);
    while (rd_left(&list))
        if (!crl_extension(w, &list))
            return false;
    return rd_end(&list, field) && rd_end(&tagged, field);
}

static bool read_algorithm(struct work *w, struct rd *tbs)
{
    struct span expected = w->rules->algorithm;
    if (expected.n && !der_same(tbs, expected, SITUS_UNSUPPORTED, "tbs.signature"))
        return false;
    w->crl->algorithm = expected.n ? expected : der_element(tbs, DER_SEQUENCE, "tbs.signature");
    return rd_ok(tbs);
}

/* TBSCertList (5.1.2). */
static bool read_tbs(struct work *w, struct rd *tbs)
{
    /* Version 2 is the INTEGER 1 (5.1.2.1); version 1 has no extensions to say what it lacks. */
    static const uint8_t version_2[] = {0x02, 0x01, 0x01};
    struct crl *crl = w->crl;
    if (!der_same(tbs, SPAN_ARR(version_2), SITUS_UNSUPPORTED, "tbs.version") ||
        !read_algorithm(w, tbs))
        return false;
    crl->issuer = der_element(tbs, DER_SEQUENCE, "tbs.issuer");
    crl->valid.from = der_time(tbs, "tbs.this_update");
    crl->valid.to = der_time(tbs, "tbs.next_update");
    return rd_ok(tbs) && revoked_certificates(crl, tbs) && crl_extensions(w, tbs) &&
           rd_end(tbs, "tbs");
}

/* 5.1.1.2: the algorithm outside is the one that is signed. */
static bool read_crl(struct work *w, struct rd *r)
{
    struct crl *crl = w->crl;
    struct rd body = der_enter(r, DER_SEQUENCE, "crl");
    size_t start = body.pos;
    struct rd tbs = der_enter(&body, DER_SEQUENCE, "tbs");
    crl->tbs = span_cut(body.in, start, body.pos - start);
    if (!rd_ok(&tbs) || !read_tbs(w, &tbs) ||
        !der_same(&body, crl->algorithm, SITUS_UNSUPPORTED, "signature_algorithm"))
        return false;
    struct rd bits = der_bits(&body, "signature_value");
    crl->signature_at = rd_at(&bits);
    crl->signature = rd_bytes(&bits, rd_left(&bits), "signature_value");
    return rd_end(&bits, "signature_value") && rd_end(&body, "crl") && rd_end(r, "crl");
}

bool crl_read(struct crl *crl, struct span der, const struct crl_rules *rules, const char *part,
              struct situs_err *err)
{
    *crl = (struct crl){.der = der};
    struct work w = {.crl = crl, .rules = rules};
    struct rd r = rd_new(der, 0, part, err);
    bool ok = der.n <= LIMIT_CRL
                  ? read_crl(&w, &r)
                  : rd_fail(&r, SITUS_TOO_LONG, "crl", 0, TEXT_BYTES(LIMIT_CRL), TEXT_BYTES(der.n));
    if (!ok)
        *crl = (struct crl){.issuer = crl->issuer};
    return ok;
}
