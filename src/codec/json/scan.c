/* Pull reader for JSON; see scan.h. Grammar: RFC 8259 2 to 8. */
#include "codec/json/scan.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/wr.h"

enum { MAX_DIGITS = 18 }; /* always in an int64_t */

/* peek is the next byte; 0, which no JSON text holds, at the end. */
static uint8_t peek(const struct scan *s)
{
    return s->r.pos < s->r.in.n ? s->r.in.p[s->r.pos] : 0;
}

static bool bad_syntax(struct scan *s, const char *expected)
{
    bool end = s->r.pos >= s->r.in.n;
    struct span here = span_cut(s->r.in, end ? s->r.in.n : s->r.pos, !end);
    return rd_fail(&s->r, end ? SITUS_TOO_SHORT : SITUS_MALFORMED, "json", rd_at(&s->r), expected,
                   end ? "the end" : TEXT_CUT(here));
}

static void blank(struct scan *s)
{
    while (s->r.pos < s->r.in.n) {
        uint8_t c = s->r.in.p[s->r.pos];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return;
        s->r.pos++;
    }
}

struct scan scan_new(struct span text, size_t base, const char *root, const char *part,
                     struct situs_err *err)
{
    struct scan s = {.r = rd_new(text, base, part, err), .root = root};
    blank(&s);
    return s;
}

/* take steps over one structural character. */
static bool take(struct scan *s, char c, const char *expected)
{
    if (!rd_ok(&s->r))
        return false;
    if (peek(s) != (uint8_t)c)
        return bad_syntax(s, expected);
    s->r.pos++;
    blank(s);
    return true;
}

bool scan_end(struct scan *s)
{
    blank(s);
    return rd_end(&s->r, "json");
}

/* write_path writes the dotted way to the value at hand in a level. */
/* NOLINTNEXTLINE(misc-no-recursion): LIMIT_NESTING bounds it */
static void write_path(struct wr *w, const struct scan *s, const struct scan_level *l)
{
    if (!l) {
        wr_text(w, s->root ? s->root : "");
        return;
    }
    write_path(w, s, l->up);
    if (!l->keys && l->begun)
        wr_format(w, "[%zu]", l->index);
    if (l->key.n)
        wr_format(w, "%s%.*s", w->n ? "." : "", (int)(l->key.n < 40 ? l->key.n : 40), l->key.p);
}

static bool fail_in(struct scan *s, const struct scan_level *l, const char *key,
                    enum situs_code code, const char *expected, const char *got)
{
    char field[sizeof s->r.err->field] = "";
    struct wr w = wr_new(field, sizeof field - 1);
    if (!rd_ok(&s->r)) /* the levels may be gone */
        return false;
    write_path(&w, s, l);
    if (key)
        wr_format(&w, "%s%s", w.n ? "." : "", key);
    return rd_fail(&s->r, code, w.n ? TEXT_CUT(span_text(field)) : "json", SITUS_NO_OFFSET,
                   expected, got);
}

bool scan_fail(struct scan *s, enum situs_code code, const char *expected, const char *got)
{
    return fail_in(s, s->top, NULL, code, expected, got);
}

bool scan_fail_whole(struct scan *s, enum situs_code code, const char *expected, const char *got)
{
    return fail_in(s, s->top ? s->top->up : NULL, NULL, code, expected, got);
}

/* unicode reads the four digits after \u into v. */
static bool unicode(struct scan *s, unsigned *v)
{
    uint8_t pair[2];
    if (s->r.in.n - s->r.pos < 4 || !text_hex_read(pair, 2, span_cut(s->r.in, s->r.pos, 4)))
        return bad_syntax(s, "four hex digits");
    *v = (unsigned)pair[0] << 8 | pair[1];
    s->r.pos += 4;
    return true;
}

/* escape steps over what follows a backslash: no NUL, surrogates in pairs only. */
static bool escape(struct scan *s)
{
    unsigned v = 0, low = 0;
    uint8_t c = peek(s);
    if (c == 0 || !strchr("\"\\/bfnrtu", c))
        return bad_syntax(s, "an escape");
    s->r.pos++;
    if (c != 'u')
        return true;
    if (!unicode(s, &v))
        return false;
    if ((v == 0 && !s->nul) || (v >= 0xdc00 && v < 0xe000))
        return bad_syntax(s, "no NUL and no lone surrogate");
    if (v < 0xd800 || v > 0xdbff)
        return true;
    if (s->r.in.n - s->r.pos < 2 || memcmp(s->r.in.p + s->r.pos, "\\u", 2) != 0)
        return bad_syntax(s, "a second surrogate");
    s->r.pos += 2;
    return unicode(s, &low) &&
           ((low >= 0xdc00 && low < 0xe000) || bad_syntax(s, "a second surrogate"));
}

#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* below says that one of the eight bytes is less than limit, which is at most 0x80. */
static inline bool below(uint64_t bytes, uint64_t limit)
{
    return ((bytes - EIGHT(limit)) & ~bytes & EIGHT(0x80)) != 0;
}

static inline bool is_plain(uint64_t bytes)
{
    return !below(bytes, 0x20) && !below(bytes ^ EIGHT('"'), 1) && !below(bytes ^ EIGHT('\\'), 1);
}

/* plain steps over characters that stand for themselves; *high gets their high bits. */
static void plain(struct scan *s, uint64_t *high)
{
    const uint8_t *p = s->r.in.p + s->r.pos, *end = s->r.in.p + s->r.in.n;
    uint64_t bytes;
    for (; end - p >= (ptrdiff_t)sizeof bytes; p += sizeof bytes) {
        memcpy(&bytes, p, sizeof bytes);
        if (!is_plain(bytes))
            break;
        *high |= bytes;
    }
    for (; p < end && *p >= 0x20 && *p != '"' && *p != '\\'; p++)
        *high |= *p;
    s->r.pos = (size_t)(p - s->r.in.p);
}

/* string steps over a string and gives what stands between the quotes. */
static struct span string(struct scan *s, bool *escaped)
{
    const struct span none = {NULL, 0};
    *escaped = false;
    if (peek(s) != '"') {
        bad_syntax(s, "a string");
        return none;
    }
    size_t start = ++s->r.pos;
    uint64_t high = 0;
    for (plain(s, &high); peek(s) != '"'; plain(s, &high)) {
        if (peek(s) != '\\') {
            bad_syntax(s, "a character of a string");
            return none;
        }
        s->r.pos++;
        *escaped = true;
        if (!escape(s))
            return none;
    }
    struct span text = span_cut(s->r.in, start, s->r.pos - start);
    s->r.pos++;
    if (high & EIGHT(0x80) && !text_utf8(text)) {
        rd_fail(&s->r, SITUS_MALFORMED, "json", s->r.base + start, "UTF-8", "other bytes");
        return none;
    }
    blank(s);
    return text;
}

static bool at_digit(const struct scan *s)
{
    return peek(s) >= '0' && peek(s) <= '9';
}

/* digits reads a run of them into v and says how many; one more than MAX_DIGITS when longer. */
static size_t digits(struct scan *s, int64_t *v)
{
    size_t n = 0;
    for (; n < MAX_DIGITS && at_digit(s); n++, s->r.pos++)
        *v = *v * 10 + (peek(s) - '0');
    return n + at_digit(s);
}

/* number steps over a number; whole says that it has no fraction. */
static int64_t number(struct scan *s, bool *whole)
{
    int64_t v = 0, fraction = 0;
    bool minus = peek(s) == '-';
    s->r.pos += minus;
    bool zero = peek(s) == '0';
    size_t n = digits(s, &v);
    *whole = peek(s) != '.';
    s->r.pos += !*whole;
    size_t n_fraction = *whole ? 1 : digits(s, &fraction);
    if (n == 0 || n > MAX_DIGITS || (zero && n > 1) || n_fraction == 0 || n_fraction > MAX_DIGITS ||
        peek(s) == 'e' || peek(s) == 'E')
        bad_syntax(s, "a number of at most 18 digits, without exponent");
    blank(s);
    return rd_ok(&s->r) ? (minus ? -v : v) : 0;
}

static bool word(struct scan *s, struct span text)
{
    if (!span_starts(span_cut(s->r.in, s->r.pos, s->r.in.n - s->r.pos), text))
        return bad_syntax(s, "a value");
    s->r.pos += text.n;
    blank(s);
    return true;
}

/* is_value says that the next value is of the kind that begins with c; else malformed. */
static bool is_value(struct scan *s, char c, const char *expected)
{
    if (!rd_ok(&s->r))
        return false;
    if (peek(s) == (uint8_t)c || (c == '0' && (peek(s) == '-' || at_digit(s))))
        return true;
    return peek(s) ? scan_fail(s, SITUS_MALFORMED, expected, "a value of another kind")
                   : bad_syntax(s, "a value");
}

static void enter(struct scan *s, struct scan_level *l, char open, const char *expected)
{
    l->up = s->top;
    if (!is_value(s, open, expected))
        return;
    if (++s->depth > LIMIT_NESTING) {
        rd_fail(&s->r, SITUS_TOO_LONG, "json", rd_at(&s->r), "nesting of at most 16",
                "deeper nesting");
        return;
    }
    s->r.pos++;
    blank(s);
    s->top = l;
}

/* more goes to the next item of a level; at its end it leaves the level. */
static bool more(struct scan *s, struct scan_level *l, char close)
{
    if (!rd_ok(&s->r))
        return false;
    if (peek(s) != (uint8_t)close)
        return !l->begun || take(s, ',', "a comma, or the end of the object or array");
    s->r.pos++;
    blank(s);
    s->depth--;
    s->top = l->up;
    return false;
}

void scan_object(struct scan *s, struct scan_level *o, const char *const *keys, size_t n)
{
    *o = (struct scan_level){.keys = keys, .n_keys = n};
    enter(s, o, '{', "an object");
}

static size_t find_key(const struct scan_level *o)
{
    for (size_t i = 0; i < o->n_keys; i++)
        if (strncmp(o->keys[i], (const char *)o->key.p, o->key.n) == 0 && o->keys[i][o->key.n] == 0)
            return i;
    return o->n_keys;
}

bool scan_any_member(struct scan *s, struct scan_level *o)
{
    bool escaped;
    if (!more(s, o, '}'))
        return false;
    o->begun = true;
    size_t at = rd_at(&s->r);
    o->key = string(s, &escaped);
    if (!rd_ok(&s->r) || !take(s, ':', "a colon"))
        return false;
    if (escaped) /* it might be another spelling of a known key */
        return rd_fail(&s->r, SITUS_UNSUPPORTED, "json", at, "a key without escapes", NULL);
    o->index = find_key(o);
    if (o->index == o->n_keys)
        return true;
    if (o->seen >> o->index & 1)
        return rd_fail(&s->r, SITUS_DUPLICATE, "json", at, "every key once", TEXT_CUT(o->key));
    o->seen |= UINT64_C(1) << o->index;
    return true;
}

bool scan_member(struct scan *s, struct scan_level *o)
{
    while (scan_any_member(s, o)) {
        if (o->index < o->n_keys)
            return true;
        scan_skip(s);
    }
    return false;
}

bool scan_need(struct scan *s, const struct scan_level *o, uint64_t optional)
{
    for (size_t i = 0; i < o->n_keys; i++)
        if (!((o->seen | optional) >> i & 1))
            return fail_in(s, o->up, o->keys[i], SITUS_MISSING, "this member", "nothing");
    return rd_ok(&s->r);
}

void scan_array(struct scan *s, struct scan_level *a)
{
    *a = (struct scan_level){0};
    enter(s, a, '[', "an array");
}

bool scan_element(struct scan *s, struct scan_level *a)
{
    if (!more(s, a, ']'))
        return false;
    a->index += a->begun;
    a->begun = true;
    return true;
}

struct span scan_text(struct scan *s)
{
    bool escaped;
    if (!is_value(s, '"', "text"))
        return span_of(NULL, 0);
    struct span text = string(s, &escaped);
    if (escaped) {
        scan_fail(s, SITUS_UNSUPPORTED, "text without escapes", TEXT_CUT(text));
        return span_of(NULL, 0);
    }
    return text;
}

int64_t scan_num(struct scan *s, int64_t min, int64_t max)
{
    bool whole;
    if (!is_value(s, '0', "an integer"))
        return 0;
    int64_t v = number(s, &whole);
    if (!whole)
        scan_fail(s, SITUS_MALFORMED, "an integer", "a number with a fraction");
    if (rd_ok(&s->r) && v >= min && v <= max)
        return v;
    char range[64];
    snprintf(range, sizeof range, "%lld to %lld", (long long)min, (long long)max);
    scan_fail(s, SITUS_MALFORMED, range, TEXT_NUM(v));
    return 0;
}

void scan_hex(struct scan *s, uint8_t *out, size_t size)
{
    struct span text = scan_text(s);
    if (rd_ok(&s->r) && text_hex_read(out, size, text))
        return;
    char expected[48];
    snprintf(expected, sizeof expected, "%zu hex digits", 2 * size);
    memset(out, 0, size);
    scan_fail(s, SITUS_MALFORMED, expected, TEXT_CUT(text));
}

/* NOLINTNEXTLINE(misc-no-recursion): LIMIT_NESTING bounds it */
static void skip(struct scan *s)
{
    struct scan_level l;
    bool ignored;
    switch (peek(s)) {
    case '"':
        string(s, &ignored);
        break;
    case '{':
        scan_object(s, &l, NULL, 0);
        while (scan_any_member(s, &l))
            skip(s);
        break;
    case '[':
        scan_array(s, &l);
        while (scan_element(s, &l))
            skip(s);
        break;
    case 't':
        word(s, SPAN_LIT("true"));
        break;
    case 'f':
        word(s, SPAN_LIT("false"));
        break;
    case 'n':
        word(s, SPAN_LIT("null"));
        break;
    default:
        number(s, &ignored);
    }
}

struct span scan_skip(struct scan *s)
{
    size_t start = s->r.pos, end;
    if (!rd_ok(&s->r))
        return span_of(NULL, 0);
    skip(s);
    if (!rd_ok(&s->r))
        return span_of(NULL, 0);
    for (end = s->r.pos; strchr(" \n\r\t", s->r.in.p[end - 1]) && s->r.in.p[end - 1]; end--)
        ;
    return span_cut(s->r.in, start, end - start);
}
