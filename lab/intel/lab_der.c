/* DER (X.690) by nesting: open an element, write its content, close it. */
#include "lab/intel/lab_buf.h"

#include <time.h>

size_t lab_der_open(struct lab_buf *b, uint8_t tag)
{
    lab_buf_u8(b, tag);
    return b->n;
}

/* The length is known at the end only: the content moves up by as many bytes as it takes
 * (X.690 8.1.3, the shortest form: 10.1). */
void lab_der_close(struct lab_buf *b, size_t mark)
{
    size_t n = b->n - mark;
    uint8_t head[5];
    size_t size = 0;
    if (n < 0x80) {
        head[size++] = (uint8_t)n;
    } else {
        size_t octets = n < 0x100 ? 1 : n < 0x10000 ? 2 : 3;
        head[size++] = (uint8_t)(0x80 | octets);
        for (size_t i = octets; i > 0; i--)
            head[size++] = (uint8_t)(n >> (8 * (i - 1)));
    }
    lab_buf_zeros(b, size);
    memmove(b->p + mark + size, b->p + mark, n);
    memcpy(b->p + mark, head, size);
}

void lab_der_bytes(struct lab_buf *b, uint8_t tag, struct span content)
{
    size_t mark = lab_der_open(b, tag);
    lab_buf_bytes(b, content);
    lab_der_close(b, mark);
}

/* magnitude writes the shortest two's complement form of a non-negative number (X.690 8.3). */
static void magnitude(struct lab_buf *b, uint8_t tag, struct span big_endian)
{
    size_t skip = 0;
    while (skip + 1 < big_endian.n && big_endian.p[skip] == 0)
        skip++;
    size_t mark = lab_der_open(b, tag);
    if (big_endian.p[skip] & 0x80)
        lab_buf_u8(b, 0);
    lab_buf_bytes(b, span_cut(big_endian, skip, big_endian.n - skip));
    lab_der_close(b, mark);
}

void lab_der_number(struct lab_buf *b, uint8_t tag, uint32_t v)
{
    uint8_t bytes[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
    magnitude(b, tag, SPAN_ARR(bytes));
}

void lab_der_big(struct lab_buf *b, struct span bytes)
{
    magnitude(b, DER_INTEGER, bytes);
}

void lab_der_bool(struct lab_buf *b, bool v)
{
    lab_der_bytes(b, DER_BOOLEAN, v ? SPAN_LIT("\xff") : SPAN_LIT("\0"));
}

void lab_der_time(struct lab_buf *b, int64_t t)
{
    struct tm tm;
    time_t seconds = (time_t)t;
    char text[24];
    if (gmtime_r(&seconds, &tm) == NULL)
        lab_die("no such time");
    bool utc = tm.tm_year >= 50 && tm.tm_year < 150;
    strftime(text, sizeof text, utc ? "%y%m%d%H%M%SZ" : "%Y%m%d%H%M%SZ", &tm);
    lab_der_bytes(b, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME, span_text(text));
}
