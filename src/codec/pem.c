/* Reading of textual encodings; see pem.h. */
#include "codec/pem.h"

#include "base/text.h"

#include <stdio.h>

#define LABEL_MAX 60
#define LINE 96       /* of a line with such a label, and more */
#define LINE_BYTES 48 /* 64 characters of base64 */

static bool is_base64(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
}

size_t pem_space(struct rd *r)
{
    while (rd_ok(r) && r->pos < r->in.n && text_is_space(r->in.p[r->pos]))
        r->pos++;
    return rd_left(r);
}

static struct span left_of(const struct rd *r)
{
    return span_cut(r->in, r->pos, rd_left(r));
}

/* The first or the last line of a block. */
static struct span write_line(char line[LINE], const char *kind, struct span label)
{
    int n = snprintf(line, LINE, "-----%s %.*s-----", kind, (int)label.n, (const char *)label.p);
    return span_of(line, (size_t)n);
}

static bool read_line(struct rd *r, const char *kind, const char *label, enum situs_code code,
                      const char *field)
{
    char line[LINE];
    write_line(line, kind, span_text(label));
    if (rd_ok(r) && !span_starts(left_of(r), span_text(line)))
        return rd_fail(r, code, field, rd_at(r), line, TEXT_CUT(left_of(r)));
    rd_bytes(r, strlen(line), field);
    return rd_ok(r);
}

bool pem_find(struct rd *r, const char *label)
{
    char line[LINE];
    struct span first = write_line(line, "BEGIN", span_text(label)), left = left_of(r);
    while (left.n && !span_starts(left, first))
        left = span_cut(left, 1, left.n - 1);
    if (left.n)
        r->pos = r->in.n - left.n;
    return left.n > 0;
}

struct span pem_body(struct rd *r, const char *label, enum situs_code code, const char *field)
{
    if (!read_line(r, "BEGIN", label, code, field))
        return span_of(NULL, 0);
    struct span left = left_of(r);
    const uint8_t *dash = left.n ? memchr(left.p, '-', left.n) : NULL;
    struct span body = rd_bytes(r, dash ? (size_t)(dash - left.p) : left.n, field);
    if (!read_line(r, "END", label, dash ? SITUS_MALFORMED : SITUS_TOO_SHORT, field))
        return span_of(NULL, 0);
    return body;
}

/* Offset in body of the first character that no base64 text holds; 0 when its fault is another. */
static size_t foreign_character(struct span body)
{
    for (size_t i = 0; i < body.n; i++)
        if (!is_base64(body.p[i]) && !text_is_space(body.p[i]))
            return i;
    return 0;
}

bool pem_decode(struct rd *r, struct span body, size_t at, const char *field, struct arena *a,
                struct span *der)
{
    size_t room = body.n / 4 * 3, n;
    *der = span_of(NULL, 0);
    if (!rd_ok(r))
        return false;
    uint8_t *p = arena_take(a, room);
    if (!p)
        return rd_fail(r, SITUS_NO_MEMORY, field, at, TEXT_BYTES(room), "a full arena");
    if (!text_base64_read(p, room, &n, body, true))
        return rd_fail(r, SITUS_MALFORMED, field, at + foreign_character(body),
                       "base64 (RFC 4648 4)", NULL);
    *der = span_of(p, n);
    return true;
}

bool pem_block(struct rd *r, const char *label, const char *field, struct arena *a,
               struct span *der)
{
    size_t at = rd_at(r) + sizeof PEM_BEGIN("") - 1 + strlen(label);
    struct span body = pem_body(r, label, SITUS_MALFORMED, field);
    return pem_decode(r, body, at, field, a, der) &&
           (der->n || rd_fail(r, SITUS_MALFORMED, field, at, "base64 (RFC 4648 4)", "nothing"));
}

/* The label of the block that begins a text; empty where none does. */
static struct span label_of(struct span text)
{
    const struct span begins = SPAN_LIT(PEM_BEGINS);
    size_t n = 0;
    if (!span_starts(text, begins))
        return SPAN_LIT("");
    while (begins.n + n < text.n && n < LABEL_MAX && text.p[begins.n + n] != '-')
        n++;
    return span_cut(text, begins.n, n);
}

struct span pem_whole(struct rd *r, const char *field)
{
    char first[LINE], last[LINE];
    struct span text = left_of(r), label = label_of(text);
    struct span head = write_line(first, "BEGIN", label), tail = write_line(last, "END", label);
    bool ok = text.n >= head.n + tail.n && span_starts(text, head) &&
              span_equal(span_cut(text, text.n - tail.n, tail.n), tail);
    if (!ok)
        rd_fail(r, SITUS_MALFORMED, field, SITUS_NO_OFFSET, TEXT_CUT(tail), "another end");
    rd_bytes(r, text.n, field);
    return ok ? span_cut(text, head.n, text.n - head.n - tail.n) : span_of(NULL, 0);
}

static void put_line(struct wr *w, struct span line)
{
    wr_bytes(w, line);
    wr_text(w, "\n");
}

void pem_write(struct wr *w, const char *label, struct span der)
{
    char line[LINE];
    put_line(w, write_line(line, "BEGIN", span_text(label)));
    for (size_t i = 0; i < der.n; i += LINE_BYTES) {
        size_t n = der.n - i < LINE_BYTES ? der.n - i : LINE_BYTES;
        put_line(w, span_text(text_base64(line, span_cut(der, i, n))));
    }
    put_line(w, write_line(line, "END", span_text(label)));
}

size_t pem_character(struct span body, size_t n)
{
    size_t digit = n / 3 * 4 + n % 3, seen = 0;
    for (size_t i = 0; i < body.n; i++)
        if (!text_is_space(body.p[i]) && seen++ == digit)
            return i;
    return body.n;
}
