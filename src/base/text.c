/* Text forms; see text.h. */
#include "base/text.h"

#include <stdio.h>

/* This and text_member are by hand: they name each register and record that is read, also where
 * nothing is wrong with it. */
char *text_num(char buffer[24], int64_t v)
{
    char *p = buffer + 24;
    uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
    *--p = 0;
    do
        *--p = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (v < 0)
        *--p = '-';
    return memmove(buffer, p, (size_t)(buffer + 24 - p));
}

char *text_bytes(char buffer[32], size_t n)
{
    snprintf(buffer, 32, "%zu byte%s", n, n == 1 ? "" : "s");
    return buffer;
}

char *text_hex(char *buffer, size_t size, struct span s)
{
    size_t n = s.n < (size - 1) / 2 ? s.n : (size - 1) / 2;
    for (size_t i = 0; i < n; i++) {
        buffer[2 * i] = "0123456789abcdef"[s.p[i] >> 4];
        buffer[2 * i + 1] = "0123456789abcdef"[s.p[i] & 15];
    }
    buffer[2 * n] = 0;
    return buffer;
}

char *text_cut(char *buffer, size_t size, struct span s)
{
    size_t n = s.n < size - 1 ? s.n : size - 1;
    for (size_t i = 0; i < n; i++)
        buffer[i] = s.p[i] >= 0x20 && s.p[i] < 0x7f ? (char)s.p[i] : '?';
    buffer[n] = 0;
    return buffer;
}

char *text_member(char buffer[80], const char *where, const char *name)
{
    const char *const parts[] = {where, ".", name};
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        for (const char *p = parts[i]; *p && n < 79; p++)
            buffer[n++] = *p;
    buffer[n] = 0;
    return buffer;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool text_hex_read(uint8_t *out, size_t size, struct span hex)
{
    if (hex.n / 2 != size || hex.n % 2)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(hex.p[2 * i]), low = hex_digit(hex.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool read_number(struct span text, int base, uint64_t least, uint64_t most, uint64_t *number)
{
    uint64_t n = 0;
    bool ok = text.n > 0;
    for (size_t i = 0; ok && i < text.n; i++) {
        int digit = hex_digit(text.p[i]);
        ok = digit >= 0 && digit < base && (uint64_t)digit <= most &&
             n <= (most - (uint64_t)digit) / (uint64_t)base; /* so the next n is at most most */
        n = ok ? n * (uint64_t)base + (uint64_t)digit : 0;
    }
    ok = ok && n >= least;
    *number = ok ? n : 0;
    return ok;
}

bool text_number(struct span text, uint64_t least, uint64_t most, uint64_t *number)
{
    return read_number(text, 10, least, most, number);
}

bool text_hex_number(struct span text, uint64_t least, uint64_t most, uint64_t *number)
{
    return read_number(text, 16, least, most, number);
}

struct span text_field(struct span *rest, char end)
{
    const uint8_t *at = rest->n ? memchr(rest->p, end, rest->n) : NULL;
    size_t n = at ? (size_t)(at - rest->p) : rest->n, over = at ? n + 1 : n;
    struct span field = span_cut(*rest, 0, n);
    *rest = span_cut(*rest, over, rest->n - over);
    return field;
}

/* Value + 1 of each base64 character; 0 for all others. */
static const uint8_t base64_value[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64};

bool text_is_space(uint8_t c)
{
    return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

struct span text_trim(struct span s)
{
    while (s.n && text_is_space(s.p[0]))
        s = span_cut(s, 1, s.n - 1);
    while (s.n && text_is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* whole_groups decodes groups of four characters of the alphabet, as far as there are such. */
static size_t whole_groups(uint8_t *out, size_t room, size_t *size, struct span in)
{
    size_t i = 0, n = *size;
    for (; in.n - i >= 4 && room - n >= 3; i += 4, n += 3) {
        uint32_t a = base64_value[in.p[i]], b = base64_value[in.p[i + 1]];
        uint32_t c = base64_value[in.p[i + 2]], d = base64_value[in.p[i + 3]];
        if (!a || !b || !c || !d)
            break;
        uint32_t bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
        out[n] = (uint8_t)(bits >> 16);
        out[n + 1] = (uint8_t)(bits >> 8);
        out[n + 2] = (uint8_t)bits;
    }
    *size = n;
    return i;
}

bool text_base64_read(uint8_t *out, size_t room, size_t *size, struct span in, bool spaces)
{
    uint32_t bits = 0;
    unsigned count = 0, padding = 0;
    size_t n = 0;
    *size = 0;
    for (size_t i = 0; i < in.n; i++) {
        uint8_t c = in.p[i];
        if (spaces && text_is_space(c))
            continue;
        if (c == '=' && count >= 2 && count + padding < 4) {
            padding++;
            continue;
        }
        if (base64_value[c] == 0 || padding)
            return false;
        if (count == 0) {
            size_t read = whole_groups(out, room, &n, span_cut(in, i, in.n - i));
            if (read) {
                i += read - 1;
                continue;
            }
        }
        bits = bits << 6 | (uint32_t)(base64_value[c] - 1);
        if (++count < 4)
            continue;
        if (room - n < 3)
            return false;
        out[n++] = (uint8_t)(bits >> 16);
        out[n++] = (uint8_t)(bits >> 8);
        out[n++] = (uint8_t)bits;
        bits = 0;
        count = 0;
    }
    if (count) {
        /* The last group: its unused low bits must be zero (RFC 4648 3.5). */
        unsigned whole = count - 1;
        if (count + padding != 4 || room - n < whole || bits & ((1u << (2 * (4 - count))) - 1))
            return false;
        bits <<= 6 * padding;
        for (unsigned i = 0; i < whole; i++)
            out[n++] = (uint8_t)(bits >> (16 - 8 * i));
    }
    *size = n;
    return true;
}

size_t text_base64_size(size_t n)
{
    return (n + 2) / 3 * 4;
}

char *text_base64(char *buffer, struct span s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t o = 0;
    for (size_t i = 0; i < s.n; i += 3) {
        size_t left = s.n - i;
        uint32_t v = (uint32_t)s.p[i] << 16;
        v |= left > 1 ? (uint32_t)s.p[i + 1] << 8 : 0;
        v |= left > 2 ? s.p[i + 2] : 0;
        buffer[o++] = digits[v >> 18];
        buffer[o++] = digits[v >> 12 & 63];
        buffer[o++] = left > 1 ? digits[v >> 6 & 63] : '=';
        buffer[o++] = left > 2 ? digits[v & 63] : '=';
    }
    buffer[o] = 0;
    return buffer;
}

bool text_utf8(struct span s)
{
    for (size_t i = 0; i < s.n;) {
        uint8_t c = s.p[i];
        size_t more = c < 0x80 ? 0 : c >> 5 == 6 ? 1 : c >> 4 == 14 ? 2 : c >> 3 == 30 ? 3 : 4;
        if (more == 4 || s.n - i <= more)
            return false;
        uint32_t v = more == 0 ? c : c & (0x3fu >> more);
        for (size_t k = 1; k <= more; k++) {
            if (s.p[i + k] >> 6 != 2)
                return false;
            v = v << 6 | (s.p[i + k] & 63);
        }
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (v < least[more] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
            return false;
        i += more + 1;
    }
    return true;
}

/* The control characters are U+0000-001F and U+007F-009F; C2 80 to C2 9F are the second range. */
bool text_is_name(struct span s, size_t most)
{
    if (s.n == 0 || s.n > most || s.p[0] == ' ' || s.p[s.n - 1] == ' ' || !text_utf8(s))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] == 0x7f || (s.p[i] == 0xc2 && s.p[i + 1] < 0xa0))
            return false;
    return true;
}

bool text_is_country(struct span s)
{
    return s.n == 2 && s.p[0] >= 'A' && s.p[0] <= 'Z' && s.p[1] >= 'A' && s.p[1] <= 'Z';
}

static bool is_hex_digit(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool is_base64_digit(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' ||
           c == '/' || c == '-' || c == '_';
}

const char *text_stands_for(struct span s)
{
    const size_t enough = 48; /* by chance one in 10^28 */
    size_t hex = 0, base64 = 0;
    if (span_starts(s, SPAN_LIT("-----BEGIN%20")))
        return "this is a header of Intel's service as it came, URL-encoded: decode it (%20 is a "
               "space, %0A a line end), or use \"situs collateral fetch\"";
    while (hex < s.n && hex < enough && is_hex_digit(s.p[hex]))
        hex++;
    while (base64 < s.n && base64 < enough && is_base64_digit(s.p[base64]))
        base64++;
    if (hex == enough)
        return "this is hex text: give the bytes that it stands for, as \"xxd -r -p\" writes them";
    return base64 == enough ? "this is base64 text: give the bytes that it stands for" : NULL;
}
