/* Growing bytes; see lab_buf.h. */
#include "lab/intel/lab_buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void lab_die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("lab: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}

void lab_buf_free(struct lab_buf *b)
{
    free(b->p);
    *b = (struct lab_buf){0};
}

/* grow makes room for n more bytes. */
static void grow(struct lab_buf *b, size_t n)
{
    if (b->n + n <= b->room)
        return;
    b->room = 2 * (b->n + n) + 64;
    b->p = realloc(b->p, b->room);
    if (b->p == NULL)
        lab_die("no memory");
}

void lab_buf_bytes(struct lab_buf *b, struct span s)
{
    grow(b, s.n);
    if (s.n > 0)
        memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
}

void lab_buf_zeros(struct lab_buf *b, size_t n)
{
    grow(b, n);
    memset(b->p + b->n, 0, n);
    b->n += n;
}

void lab_buf_u8(struct lab_buf *b, uint8_t v)
{
    lab_buf_bytes(b, span_of(&v, 1));
}

void lab_buf_u16le(struct lab_buf *b, uint16_t v)
{
    uint8_t bytes[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    lab_buf_bytes(b, SPAN_ARR(bytes));
}

void lab_buf_u32le(struct lab_buf *b, uint32_t v)
{
    lab_buf_u16le(b, (uint16_t)v);
    lab_buf_u16le(b, (uint16_t)(v >> 16));
}

void lab_buf_text(struct lab_buf *b, const char *text)
{
    lab_buf_bytes(b, span_text(text));
}

void lab_buf_format(struct lab_buf *b, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof line)
        lab_die("a formatted line is longer than %zu bytes", sizeof line);
    lab_buf_bytes(b, span_of(line, (size_t)n));
}

static void hex(struct lab_buf *b, struct span s, const char digits[17])
{
    for (size_t i = 0; i < s.n; i++) {
        lab_buf_u8(b, (uint8_t)digits[s.p[i] >> 4]);
        lab_buf_u8(b, (uint8_t)digits[s.p[i] & 15]);
    }
}

void lab_buf_hex(struct lab_buf *b, struct span s)
{
    hex(b, s, "0123456789ABCDEF");
}

void lab_buf_hex_lower(struct lab_buf *b, struct span s)
{
    hex(b, s, "0123456789abcdef");
}

void lab_buf_json(struct lab_buf *b, struct span s)
{
    lab_buf_u8(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c == '\n')
            lab_buf_text(b, "\\n");
        else if (c < 0x20)
            lab_buf_format(b, "\\u%04x", c);
        else {
            if (c == '"' || c == '\\')
                lab_buf_u8(b, '\\');
            lab_buf_u8(b, c);
        }
    }
    lab_buf_u8(b, '"');
}

/* replace puts new bytes in the place of the n bytes at offset at. */
static void replace(struct lab_buf *b, size_t at, size_t n, struct span new)
{
    struct lab_buf out = {0};
    lab_buf_bytes(&out, span_of(b->p, at));
    lab_buf_bytes(&out, new);
    lab_buf_bytes(&out, span_of(b->p + at + n, b->n - at - n));
    lab_buf_free(b);
    *b = out;
}

static size_t find(const struct lab_buf *b, const struct lab_edit *e)
{
    for (size_t at = e->at; at + e->find.n <= b->n; at++)
        if (memcmp(b->p + at, e->find.p, e->find.n) == 0)
            return at;
    lab_die("nothing to edit: \"%.*s\" is not there", (int)e->find.n, (const char *)e->find.p);
}

void lab_buf_edit(struct lab_buf *b, const struct lab_edit edits[LAB_EDITS])
{
    for (const struct lab_edit *e = edits; e < edits + LAB_EDITS; e++) {
        if (e->find.n > 0)
            replace(b, find(b, e), e->find.n, e->put);
        else if (e->put.n > 0 && e->at == LAB_END)
            lab_buf_bytes(b, e->put);
        else if (e->put.n > 0 && (e->at > b->n || e->put.n > b->n - e->at))
            lab_die("an edit at %zu ends after the %zu bytes there are", e->at, b->n);
        else if (e->put.n > 0)
            memcpy(b->p + e->at, e->put.p, e->put.n);
    }
}
