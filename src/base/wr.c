/* Writer; see wr.h. */
#include "base/wr.h"

#include <stdarg.h>
#include <stdio.h>

void wr_bytes(struct wr *w, struct span s)
{
    if (s.n && w->n <= w->size && s.n <= w->size - w->n)
        memcpy(w->p + w->n, s.p, s.n);
    else if (s.n && w->n <= w->size)
        w->size = w->n; /* full: nothing more is stored, so no hole can appear */
    w->n += s.n;
}

static void number(struct wr *w, uint64_t v, size_t n, bool big)
{
    uint8_t b[8];
    for (size_t i = 0; i < n; i++)
        b[i] = (uint8_t)(v >> 8 * (big ? n - 1 - i : i));
    wr_bytes(w, span_of(b, n));
}

void wr_u16be(struct wr *w, uint16_t v)
{
    number(w, v, 2, true);
}

void wr_u32be(struct wr *w, uint32_t v)
{
    number(w, v, 4, true);
}

void wr_u64be(struct wr *w, uint64_t v)
{
    number(w, v, 8, true);
}

void wr_u16le(struct wr *w, uint16_t v)
{
    number(w, v, 2, false);
}

void wr_u32le(struct wr *w, uint32_t v)
{
    number(w, v, 4, false);
}

void wr_text(struct wr *w, const char *s)
{
    wr_bytes(w, span_text(s));
}

void wr_hex(struct wr *w, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        wr_u8(w, (uint8_t) "0123456789abcdef"[s.p[i] >> 4]);
        wr_u8(w, (uint8_t) "0123456789abcdef"[s.p[i] & 15]);
    }
}

void wr_format(struct wr *w, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof line) {
        w->size =
            w->n < w->size ? w->n : w->size; /* a line that long is a mistake: cut the output */
        w->n = w->size + 1;
        return;
    }
    wr_bytes(w, span_of(line, (size_t)n));
}
