/*
 * Growing bytes, and the two ways to put a structure together in them: little-endian fields (Intel
 * quotes) and nested DER (X.690). An edit bends what was made, before or after it is signed.
 */
#ifndef SITUS_LAB_INTEL_BUF_H
#define SITUS_LAB_INTEL_BUF_H

#include "base/span.h"

struct lab_buf {
    uint8_t *p;
    size_t n, room;
};

/*
 * One bend. With find, its first occurrence at or after the offset is replaced by put (of any
 * size; empty deletes). Without find, put overwrites the bytes at the offset, or is appended when
 * the offset is LAB_END. The zero value bends nothing; a find that is absent is a mistake of the
 * test and aborts.
 */
struct lab_edit {
    size_t at;
    struct span find, put;
};

#define LAB_END SIZE_MAX
#define LAB_EDITS 4

/* Overwrite at an offset, with the bytes of a string literal. */
#define LAB_AT(at_, literal) ((struct lab_edit){.at = (at_), .put = SPAN_LIT(literal)})
/* Replace text by text. */
#define LAB_REPLACE(old, new) ((struct lab_edit){.find = SPAN_LIT(old), .put = SPAN_LIT(new)})
/* Append. */
#define LAB_APPEND(literal) LAB_AT(LAB_END, literal)

/* lab_die says why and aborts: the lab is for tests, a half-made world is of no use. */
_Noreturn void lab_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

void lab_buf_free(struct lab_buf *b);
void lab_buf_bytes(struct lab_buf *b, struct span s);
void lab_buf_zeros(struct lab_buf *b, size_t n);
void lab_buf_u8(struct lab_buf *b, uint8_t v);
void lab_buf_u16le(struct lab_buf *b, uint16_t v);
void lab_buf_u32le(struct lab_buf *b, uint32_t v);
void lab_buf_text(struct lab_buf *b, const char *text);
void lab_buf_format(struct lab_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* lab_buf_hex writes upper-case hex, as Intel's collateral has it; lab_buf_hex_lower the other. */
void lab_buf_hex(struct lab_buf *b, struct span s);
void lab_buf_hex_lower(struct lab_buf *b, struct span s);

/* lab_buf_json writes s as a JSON string with its quotes (RFC 8259 7). */
void lab_buf_json(struct lab_buf *b, struct span s);

/* lab_buf_edit applies the edits in their order. */
void lab_buf_edit(struct lab_buf *b, const struct lab_edit edits[LAB_EDITS]);

static inline struct span lab_buf_span(const struct lab_buf *b)
{
    return span_of(b->p, b->n);
}

/* Tags of X.690 that the certificates use. */
enum lab_der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BITS = 0x03,
    DER_OCTETS = 0x04,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_UTF8 = 0x0c,
    DER_PRINTABLE = 0x13,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT = 0x80,     /* [n], primitive */
    DER_CONSTRUCTED = 0x20, /* or-ed: constructed */
    DER_EXPLICIT_0 = 0xa0,
    DER_EXPLICIT_3 = 0xa3
};

/* lab_der_open starts an element and returns its mark; lab_der_close puts in the length. */
size_t lab_der_open(struct lab_buf *b, uint8_t tag);
void lab_der_close(struct lab_buf *b, size_t mark);

/* lab_der_bytes is a primitive element with this content. */
void lab_der_bytes(struct lab_buf *b, uint8_t tag, struct span content);

/* lab_der_number is a non-negative INTEGER or ENUMERATED; lab_der_big one from big-endian bytes. */
void lab_der_number(struct lab_buf *b, uint8_t tag, uint32_t v);
void lab_der_big(struct lab_buf *b, struct span magnitude);
void lab_der_bool(struct lab_buf *b, bool v);

/* lab_der_time is UTCTime until 2049, then GeneralizedTime (RFC 5280 4.1.2.5). */
void lab_der_time(struct lab_buf *b, int64_t t);

#endif
