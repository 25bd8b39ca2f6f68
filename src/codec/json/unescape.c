/* Text of JSON strings that scan.c has checked (RFC 8259 7); see scan.h. */
#include "codec/json/scan.h"

/* unit is the UTF-16 code unit of four hex digits. */
static uint32_t unit(const uint8_t *p)
{
    uint32_t v = 0;
    for (int i = 0; i < 4; i++)
        v = v << 4 | (uint32_t)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
    return v;
}

/* put_utf8 writes a character (RFC 3629) and says how many bytes it took. */
static size_t put_utf8(uint8_t *out, uint32_t c)
{
    static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    out[0] = (uint8_t)(n == 1 ? c : first[n] | c);
    return n;
}

/* escape writes what stands behind the backslash at p, and steps over it. */
static size_t escape(uint8_t *out, const uint8_t **p)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const uint8_t *at = *p + 1;
    *p += 2;
    if (*at != 'u') {
        out[0] = (uint8_t)to[strchr(from, *at) - from];
        return 1;
    }
    uint32_t c = unit(at + 1);
    *p += 4;
    if (c >= 0xd800 && c < 0xdc00) {
        c = 0x10000 + ((c - 0xd800) << 10) + (unit(*p + 2) - 0xdc00);
        *p += 6;
    }
    return put_utf8(out, c);
}

bool scan_unescape(struct span *out, struct span raw, struct arena *a)
{
    struct span text = span_cut(raw, 1, raw.n - 2);
    const uint8_t *p = text.p, *end = p + text.n;
    const uint8_t *next = memchr(p, '\\', text.n);
    *out = text;
    if (!next)
        return true;
    uint8_t *to = arena_take(a, text.n); /* no escape is shorter than what it stands for */
    size_t n = 0;
    if (!to)
        return false;
    for (; next; next = memchr(p, '\\', (size_t)(end - p))) {
        memcpy(to + n, p, (size_t)(next - p));
        n += (size_t)(next - p);
        p = next;
        n += escape(to + n, &p);
    }
    memcpy(to + n, p, (size_t)(end - p));
    *out = span_of(to, n + (size_t)(end - p));
    return true;
}
