/* DER reader; see der.h. */
#include "codec/der.h"

#include "base/text.h"
#include "base/time.h"

#include <stdio.h>

/* Temporaries for expected and got, as in text.h. */
#define TAG(tag) tag_text((char[24]){0}, (tag))
#define UP_TO(max) up_to_text((char[24]){0}, (max))

static const char *tag_text(char text[24], unsigned tag)
{
    snprintf(text, 24, "tag 0x%02x", tag);
    return text;
}

static const char *up_to_text(char text[24], unsigned max)
{
    snprintf(text, 24, "0 to %u", max);
    return text;
}

static bool malformed(struct rd *r, const char *field, size_t at, const char *expected,
                      const char *got)
{
    return r->failed ? false : rd_fail(r, SITUS_MALFORMED, field, at, expected, got);
}

uint8_t der_peek(const struct rd *r)
{
    return rd_left(r) ? r->in.p[r->pos] : DER_NOTHING;
}

/* A length of more than three bytes is larger than any input (limits.h). */
static size_t length(struct rd *r, size_t at, const char *field)
{
    uint8_t first = rd_u8(r, field);
    if (first < 0x80)
        return first;
    size_t count = first & 0x7f, n = 0;
    if (count == 0 || count > 3) {
        malformed(r, field, at, "a definite length below 2^24", TEXT_HEX(span_of(&first, 1)));
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        n = n << 8 | rd_u8(r, field);
    /* X.690 10.1: the fewest octets */
    if (n < 0x80 || n >> 8 * (count - 1) == 0)
        malformed(r, field, at, "a length in its shortest form", TEXT_NUM(n));
    return r->failed ? 0 : n;
}

/* short_value is the contents of an element of that tag with a length of one byte, as most are; where
 * it is none, nothing is read. */
static inline bool short_value(struct rd *r, uint8_t tag, struct span *s)
{
    size_t left = rd_left(r);
    const uint8_t *p = left >= 2 ? r->in.p + r->pos : NULL;
    if (!p || p[0] != tag || p[1] >= 0x80 || p[1] > left - 2)
        return false;
    *s = span_of(p + 2, p[1]);
    r->pos += 2u + p[1];
    return true;
}

struct span der_value(struct rd *r, uint8_t tag, const char *field)
{
    struct span s;
    if (short_value(r, tag, &s))
        return s;
    size_t at = rd_at(r);
    uint8_t got = rd_u8(r, field);
    if (got != tag) {
        malformed(r, field, at, TAG(tag), TAG(got));
        return span_of(NULL, 0);
    }
    size_t n = length(r, at, field);
    return rd_bytes(r, n, field);
}

struct rd der_enter(struct rd *r, uint8_t tag, const char *field)
{
    struct span s = der_value(r, tag, field);
    return (struct rd){s, 0, rd_at(r) - s.n, r->part, r->err, r->failed};
}

struct span der_element(struct rd *r, uint8_t tag, const char *field)
{
    size_t start = r->pos;
    der_value(r, tag, field);
    return r->failed ? span_of(NULL, 0) : span_cut(r->in, start, r->pos - start);
}

bool der_same(struct rd *r, struct span bytes, enum situs_code code, const char *field)
{
    size_t at = rd_at(r);
    struct span got = rd_bytes(r, bytes.n, field);
    if (!rd_ok(r))
        return false;
    return span_equal(got, bytes) || rd_fail(r, code, field, at, TEXT_HEX(bytes), TEXT_HEX(got));
}

/* X.690 8.3.2: at least one octet, and the first nine bits are not all equal. */
static struct span integer(struct rd *r, uint8_t tag, const char *field)
{
    size_t at = rd_at(r);
    struct span s = der_value(r, tag, field);
    if (!rd_ok(r))
        return span_of(NULL, 0);
    bool padded = s.n > 1 && ((s.p[0] == 0 && s.p[1] < 0x80) || (s.p[0] == 0xff && s.p[1] >= 0x80));
    if (s.n && !padded)
        return s;
    malformed(r, field, at, "a minimal integer", TEXT_HEX(s));
    return span_of(NULL, 0);
}

struct span der_integer(struct rd *r, const char *field)
{
    return integer(r, DER_INTEGER, field);
}

struct span der_oid(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    struct span s = der_value(r, DER_OID, field);
    if (!rd_ok(r))
        return span_of(NULL, 0);
    bool begins = true, whole = s.n > 0;
    for (size_t i = 0; i < s.n; i++) {
        whole = whole && !(begins && s.p[i] == 0x80); /* a padded arc */
        begins = s.p[i] < 0x80;
    }
    if (whole && begins)
        return s;
    malformed(r, field, at, "an object identifier", TEXT_HEX(s));
    return span_of(NULL, 0);
}

uint32_t der_small(struct rd *r, uint8_t tag, uint32_t max, const char *field)
{
    size_t at = rd_at(r);
    struct span s = integer(r, tag, field);
    uint32_t v = 0;
    for (size_t i = 0; i < s.n && i < 4; i++)
        v = v << 8 | s.p[i];
    if (rd_ok(r) && (s.n > 4 || s.p[0] >= 0x80 || v > max))
        malformed(r, field, at, UP_TO(max), TEXT_HEX(s));
    return rd_ok(r) ? v : 0;
}

uint64_t der_u64(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    struct span s = integer(r, DER_INTEGER, field);
    if (!rd_ok(r))
        return 0;
    bool negative = s.p[0] & 0x80;
    if (s.p[0] == 0 && s.n > 1) /* the sign's own byte */
        s = span_cut(s, 1, s.n - 1);
    if (negative || s.n > 8) {
        malformed(r, field, at, "an integer of 64 bits, not negative", TEXT_HEX(s));
        return 0;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++)
        v = v << 8 | s.p[i];
    return v;
}

struct span der_utf8(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    struct span s = der_value(r, DER_UTF8_STRING, field);
    if (rd_ok(r) && !text_utf8(s))
        malformed(r, field, at, "UTF-8", NULL);
    return s;
}

bool der_boolean(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    struct span s = der_value(r, DER_BOOLEAN, field);
    if (rd_ok(r) && (s.n != 1 || (s.p[0] != 0 && s.p[0] != 0xff)))
        malformed(r, field, at, "ff or 00", TEXT_HEX(s));
    return rd_ok(r) && s.p[0] == 0xff;
}

bool der_default_false(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    if (der_peek(r) != DER_BOOLEAN)
        return false;
    return der_boolean(r, field) || malformed(r, field, at, "true, or nothing", "false");
}

bool der_octets(struct rd *r, uint8_t *out, size_t n, const char *field)
{
    size_t at = rd_at(r);
    struct span s = der_value(r, DER_OCTET_STRING, field);
    if (!rd_ok(r))
        return false;
    if (s.n != n)
        return malformed(r, field, at, TEXT_BYTES(n), TEXT_BYTES(s.n));
    memcpy(out, s.p, n);
    return true;
}

struct rd der_bits(struct rd *r, const char *field)
{
    struct rd bits = der_enter(r, DER_BIT_STRING, field);
    size_t at = rd_at(&bits);
    uint8_t unused = rd_u8(&bits, field);
    if (unused)
        malformed(&bits, field, at, "no unused bits", TEXT_NUM(unused));
    return bits;
}

uint16_t der_named_bits(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    struct span s = der_value(r, DER_BIT_STRING, field);
    if (!rd_ok(r))
        return 0;
    unsigned unused = s.n ? s.p[0] : 0;
    /* The last bit used is 1; no bits at all is one zero octet (X.690 8.6.2.3, 11.2.2). */
    bool good = s.n == 1 ? unused == 0
                         : (s.n == 2 || s.n == 3) && unused < 8 &&
                               (s.p[s.n - 1] & ((2u << unused) - 1)) == 1u << unused;
    if (!good) {
        malformed(r, field, at, "at most 16 named bits without trailing zeros", TEXT_HEX(s));
        return 0;
    }
    return (uint16_t)((s.n > 1 ? s.p[1] << 8 : 0) | (s.n > 2 ? s.p[2] : 0));
}

static int two_digits(struct span s, size_t at)
{
    if (s.p[at] < '0' || s.p[at] > '9' || s.p[at + 1] < '0' || s.p[at + 1] > '9')
        return -1;
    return (s.p[at] - '0') * 10 + s.p[at + 1] - '0';
}

/* The part after the year, "MMDDHHMMSSZ", with a year already read. */
static bool time_in_year(int64_t *out, int year, struct span s)
{
    return s.p[10] == 'Z' && time_from_civil(out, year, two_digits(s, 0), two_digits(s, 2),
                                             two_digits(s, 4), two_digits(s, 6), two_digits(s, 8));
}

int64_t der_time(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    bool utc = der_peek(r) == DER_UTC_TIME;
    struct span s = der_value(r, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME, field);
    if (!rd_ok(r))
        return 0;
    int64_t t = 0;
    bool good = false;
    if (utc && s.n == 13) {
        int year = two_digits(s, 0);
        /* RFC 5280 4.1.2.5.1: 50 to 99 are of the twentieth century */
        good = year >= 0 && time_in_year(&t, year + (year < 50 ? 2000 : 1900), span_cut(s, 2, 11));
    } else if (!utc && s.n == 15) {
        int high = two_digits(s, 0), low = two_digits(s, 2);
        good = high >= 0 && low >= 0 && high * 100 + low >= 2050 &&
               time_in_year(&t, high * 100 + low, span_cut(s, 4, 11));
    }
    if (!good)
        malformed(r, field, at, "YYMMDDhhmmssZ, or from 2050 YYYYMMDDhhmmssZ", TEXT_CUT(s));
    return good ? t : 0;
}

static bool positive(struct rd *r, uint8_t *out, size_t size, const char *field)
{
    size_t at = rd_at(r);
    struct span s = der_integer(r, field);
    if (!rd_ok(r))
        return false;
    struct span digits = s.p[0] == 0 ? span_cut(s, 1, s.n - 1) : s;
    if (s.p[0] >= 0x80 || digits.n == 0 || digits.n > size)
        return malformed(r, field, at, "a positive integer that fits the curve", TEXT_HEX(s));
    memset(out, 0, size - digits.n);
    memcpy(out + size - digits.n, digits.p, digits.n);
    return true;
}

bool der_ecdsa(struct rd *r, uint8_t *rs, size_t size, const char *field)
{
    struct rd sig = der_enter(r, DER_SEQUENCE, field);
    return positive(&sig, rs, size, field) && positive(&sig, rs + size, size, field) &&
           rd_end(&sig, field);
}

bool der_spki(struct span spki, const char *part, struct situs_err *err)
{
    struct situs_err why = {0};
    struct rd r = rd_new(spki, 0, part, &why);
    struct rd key = der_enter(&r, DER_SEQUENCE, "spki");
    der_value(&key, DER_SEQUENCE, "spki.algorithm");
    der_bits(&key, "spki.subject_public_key");
    if (rd_end(&key, "spki") && rd_end(&r, "spki"))
        return true;
    err_fail(err, why.code, part, why.field, why.at, "a SubjectPublicKeyInfo in DER",
             "other bytes");
    return err_hint(err, "openssl pkey -pubin -in KEY.pem -outform DER -out KEY.der");
}
