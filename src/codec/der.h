/*
 * A strict DER reader (ITU-T X.690, clauses 8, 10 and 11) on top of the read cursor: definite
 * lengths in their shortest form, single-byte tags, minimal integers. It reads what the caller
 * names and never recurses, so nesting is bounded by the code that calls it. A failure is recorded
 * once (malformed, with the offset of the element), then every read gives zero or empty.
 */
#ifndef SITUS_CODEC_DER_H
#define SITUS_CODEC_DER_H

#include "base/rd.h"

/* Identifier octets (X.690 8.1.2): class, constructed bit and number in one byte. */
enum der_tag {
    DER_NOTHING = 0, /* end-of-contents never occurs in DER: the end of the input */
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_UTF8_STRING = 0x0c,
    DER_PRINTABLE_STRING = 0x13,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_EXPLICIT_0 = 0xa0, /* [0] constructed */
    DER_EXPLICIT_3 = 0xa3,
    DER_IMPLICIT_0 = 0x80 /* [0] primitive */
};

/* der_peek is the tag of the next element; DER_NOTHING at the end or after a failure. */
uint8_t der_peek(const struct rd *r);

/* der_value is the contents of the next element, which must have this tag. */
struct span der_value(struct rd *r, uint8_t tag, const char *field);

/* der_enter is a cursor over the contents of the next element, which must have this tag. Its reader
 * ends with rd_end. */
struct rd der_enter(struct rd *r, uint8_t tag, const char *field);

/* der_element is the whole next element, tag and length included; only its outer form is
 * checked. */
struct span der_element(struct rd *r, uint8_t tag, const char *field);

/* der_same reads exactly these bytes; the code is for bytes that differ. */
bool der_same(struct rd *r, struct span bytes, enum situs_code code, const char *field);

/* der_integer is the contents of an INTEGER in minimal two's complement (X.690 8.3.2). */
struct span der_integer(struct rd *r, const char *field);

/* der_oid is the contents of an OBJECT IDENTIFIER: whole arcs in their shortest form
 * (X.690 8.19.2). */
struct span der_oid(struct rd *r, const char *field);

/* der_small is an INTEGER or ENUMERATED (tag says which) from 0 to max, max < 2^24. */
uint32_t der_small(struct rd *r, uint8_t tag, uint32_t max, const char *field);

/* der_u64 is an INTEGER from 0 to 2^64 - 1. */
uint64_t der_u64(struct rd *r, const char *field);

/* der_utf8 is the contents of a UTF8String, well-formed. */
struct span der_utf8(struct rd *r, const char *field);

/* der_boolean is a BOOLEAN, FF or 00 (X.690 11.1). */
bool der_boolean(struct rd *r, const char *field);

/* der_default_false is a BOOLEAN DEFAULT FALSE: absent, or TRUE (X.690 11.5). */
bool der_default_false(struct rd *r, const char *field);

/* der_octets is an OCTET STRING of exactly n bytes; copies them to out. */
bool der_octets(struct rd *r, uint8_t *out, size_t n, const char *field);

/* der_bits is a cursor over a BIT STRING of whole bytes (no unused bits). */
struct rd der_bits(struct rd *r, const char *field);

/* der_named_bits is a BIT STRING of up to 16 named bits, bit 0 in the top bit; trailing zero bits
 * must be cut (X.690 11.2.2). */
uint16_t der_named_bits(struct rd *r, const char *field);

/* der_time is a UTCTime (until 2049) or GeneralizedTime (from 2050) in UTC with seconds (RFC 5280
 * 4.1.2.5), in Unix seconds. */
int64_t der_time(struct rd *r, const char *field);

/* der_ecdsa reads an ECDSA-Sig-Value (RFC 3279 2.2.3) for a curve of size bytes into r || s; both
 * positive, of at most size bytes. */
bool der_ecdsa(struct rd *r, uint8_t *rs, size_t size, const char *field);

/* der_spki says that the bytes are one SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), of whatever key. */
bool der_spki(struct span spki, const char *part, struct situs_err *err);

#endif
