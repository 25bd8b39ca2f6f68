/* JSON writer (RFC 8259); see json_out.h. */
#include "codec/json_out.h"

#include "codec/base64url.h"

#include <assert.h>

#include "base/text.h"

struct json_out json_out_new(struct wr *w, bool indent)
{
    return (struct json_out){.w = w, .indent = indent};
}

static void new_line(struct json_out *o)
{
    if (!o->indent)
        return;
    wr_u8(o->w, '\n');
    for (unsigned i = 0; i < o->depth; i++)
        wr_text(o->w, "  ");
}

/* What goes before the next name of an object or value of an array. */
static void separate(struct json_out *o)
{
    if (o->level[o->depth].filled)
        wr_u8(o->w, ',');
    o->level[o->depth].filled = true;
    new_line(o);
}

static void begin(struct json_out *o)
{
    assert(!o->done && (!o->level[o->depth].object || o->named));
    if (o->depth && !o->named)
        separate(o);
    o->named = false;
    o->done = !o->depth;
}

static void open_level(struct json_out *o, bool object)
{
    begin(o);
    o->done = false;
    assert(o->depth < LIMIT_NESTING);
    wr_u8(o->w, object ? '{' : '[');
    o->depth++;
    o->level[o->depth].object = object;
    o->level[o->depth].filled = false;
}

void json_out_object(struct json_out *o)
{
    open_level(o, true);
}

void json_out_array(struct json_out *o)
{
    open_level(o, false);
}

void json_out_close(struct json_out *o)
{
    assert(o->depth && !o->named);
    bool object = o->level[o->depth].object, filled = o->level[o->depth].filled;
    o->depth--;
    if (filled)
        new_line(o);
    wr_u8(o->w, object ? '}' : ']');
    o->done = !o->depth;
}

/* is_plain says that a byte of a string stands for itself (RFC 8259 7); DEL is escaped too, for terminals. */
static bool is_plain(uint8_t b)
{
    return b >= 0x20 && b < 0x7f && b != '"' && b != '\\';
}

/* One byte; of text that is no UTF-8, what is not ASCII is a mark in its place. */
static void put_byte(struct wr *w, uint8_t b, bool utf8)
{
    if (b == '"' || b == '\\') {
        wr_u8(w, '\\');
        wr_u8(w, b);
    } else if (b == '\n') {
        wr_text(w, "\\n");
    } else if (b < 0x20 || b == 0x7f) {
        wr_format(w, "\\u%04x", (unsigned)b);
    } else if (b >= 0x80 && !utf8) {
        wr_text(w, "\\ufffd");
    } else {
        wr_u8(w, b);
    }
}

/* plain_eight is is_plain of eight bytes at once: a bit 7 appears where a byte has it, is below 0x20, or is one of three. */
static bool plain_eight(const uint8_t *p)
{
    const uint64_t one = UINT64_C(0x0101010101010101);
    uint64_t x;
    memcpy(&x, p, sizeof x);
    uint64_t quote = x ^ one * '"', slash = x ^ one * '\\', del = x ^ one * 0x7f;
    return ((x | (x - one * 0x20) | (quote - one) | (slash - one) | (del - one)) & one << 7) == 0;
}

/* Most texts are plain, and written whole. */
static void put_string(struct wr *w, struct span s)
{
    size_t plain = 0;
    while (s.n - plain >= 8 && plain_eight(s.p + plain))
        plain += 8;
    while (plain < s.n && is_plain(s.p[plain]))
        plain++;
    wr_u8(w, '"');
    wr_bytes(w, span_of(s.p, plain));
    bool utf8 = plain == s.n || text_utf8(s);
    for (size_t i = plain; i < s.n; i++)
        put_byte(w, s.p[i], utf8);
    wr_u8(w, '"');
}

void json_out_name(struct json_out *o, const char *name)
{
    assert(o->depth && o->level[o->depth].object && !o->named);
    separate(o);
    put_string(o->w, span_text(name));
    wr_text(o->w, o->indent ? ": " : ":");
    o->named = true;
}

void json_out_text(struct json_out *o, struct span s)
{
    begin(o);
    put_string(o->w, s);
}

void json_out_string(struct json_out *o, const char *s)
{
    json_out_text(o, span_text(s));
}

void json_out_num(struct json_out *o, int64_t v)
{
    begin(o);
    wr_text(o->w, TEXT_NUM(v));
}

void json_out_bool(struct json_out *o, bool v)
{
    begin(o);
    wr_text(o->w, v ? "true" : "false");
}

void json_out_whole(struct json_out *o, struct span json)
{
    begin(o);
    wr_bytes(o->w, json);
}

void json_out_null(struct json_out *o)
{
    begin(o);
    wr_text(o->w, "null");
}

void json_out_hex(struct json_out *o, struct span s)
{
    begin(o);
    wr_u8(o->w, '"');
    wr_hex(o->w, s);
    wr_u8(o->w, '"');
}

void json_out_base64url(struct json_out *o, struct span s)
{
    begin(o);
    wr_u8(o->w, '"');
    base64url_write(o->w, s);
    wr_u8(o->w, '"');
}

void json_out_pair_text(struct json_out *o, const char *name, struct span s)
{
    json_out_name(o, name);
    json_out_text(o, s);
}

void json_out_pair_string(struct json_out *o, const char *name, const char *s)
{
    json_out_pair_text(o, name, span_text(s));
}

void json_out_pair_num(struct json_out *o, const char *name, int64_t v)
{
    json_out_name(o, name);
    json_out_num(o, v);
}

void json_out_pair_bool(struct json_out *o, const char *name, bool v)
{
    json_out_name(o, name);
    json_out_bool(o, v);
}

void json_out_pair_hex(struct json_out *o, const char *name, struct span s)
{
    json_out_name(o, name);
    json_out_hex(o, s);
}

bool json_out_end(struct json_out *o)
{
    assert(o->done && !o->depth);
    return wr_ok(o->w);
}
