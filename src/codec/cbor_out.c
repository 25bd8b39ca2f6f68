/* Deterministic CBOR writer (RFC 8949 4.2.1); see cbor.h. */
#include <assert.h>

#include "base/text.h"
#include "codec/cbor.h"

struct cbor_out cbor_out_new(struct wr *w)
{
    struct cbor_out o = {.w = w};
    o.level[0].left = 1;
    return o;
}

static void put_head(struct cbor_out *o, enum cbor_kind type, uint64_t v)
{
    unsigned major = (unsigned)type << 5; /* RFC 8949 3 */
    if (v < 24) {
        wr_u8(o->w, (uint8_t)(major | v));
    } else if (v < 0x100) {
        wr_u8(o->w, (uint8_t)(major | 24));
        wr_u8(o->w, (uint8_t)v);
    } else if (v < 0x10000) {
        wr_u8(o->w, (uint8_t)(major | 25));
        wr_u16be(o->w, (uint16_t)v);
    } else if (v < 0x100000000) {
        wr_u8(o->w, (uint8_t)(major | 26));
        wr_u32be(o->w, (uint32_t)v);
    } else {
        wr_u8(o->w, (uint8_t)(major | 27));
        wr_u64be(o->w, v);
    }
}

static bool at_key(const struct cbor_out_level *l)
{
    return l->map && l->left % 2 == 0;
}

/* Counts an item that has been written, from byte at on; a key must be above the one before it. */
static void count(struct cbor_out *o, size_t at)
{
    struct cbor_out_level *l = &o->level[o->depth];
    if (at_key(l)) {
        struct span key = span_of(o->w->p + at, o->w->n - at);
        struct span last = span_of(o->w->p + l->key_at, l->key_n);
        if (wr_ok(o->w)) /* what did not fit cannot be compared, and is not used either */
            assert(!l->key_n || span_compare(key, last) > 0);
        l->key_at = at;
        l->key_n = o->w->n - at;
    }
    l->left--;
}

/* Leaves every container that is complete. */
static void leave_full(struct cbor_out *o)
{
    while (o->depth && !o->level[o->depth].left)
        o->depth--;
}

static void begin(struct cbor_out *o)
{
    assert(o->level[o->depth].left);
}

static void put_scalar(struct cbor_out *o, enum cbor_kind type, uint64_t v, struct span content)
{
    begin(o);
    size_t at = o->w->n;
    put_head(o, type, v);
    wr_bytes(o->w, content);
    count(o, at);
    leave_full(o);
}

void cbor_put_uint(struct cbor_out *o, uint64_t v)
{
    put_scalar(o, CBOR_UINT, v, span_of(NULL, 0));
}

void cbor_put_int(struct cbor_out *o, int64_t v)
{
    if (v < 0)
        put_scalar(o, CBOR_NINT, (uint64_t)(-1 - v), span_of(NULL, 0));
    else
        put_scalar(o, CBOR_UINT, (uint64_t)v, span_of(NULL, 0));
}

void cbor_put_bytes(struct cbor_out *o, struct span s)
{
    put_scalar(o, CBOR_BYTES, s.n, s);
}

void cbor_put_bytes_head(struct cbor_out *o, size_t n)
{
    begin(o);
    assert(!at_key(&o->level[o->depth]));
    put_head(o, CBOR_BYTES, n);
    count(o, o->w->n);
    leave_full(o);
}

void cbor_put_text(struct cbor_out *o, struct span s)
{
    assert(text_utf8(s));
    put_scalar(o, CBOR_TEXT, s.n, s);
}

void cbor_put_tag(struct cbor_out *o, uint64_t tag)
{
    begin(o);
    assert(!at_key(&o->level[o->depth]));
    put_head(o, CBOR_TAG, tag);
}

void cbor_put_item(struct cbor_out *o, struct span encoded)
{
    begin(o);
    size_t at = o->w->n;
    wr_bytes(o->w, encoded);
    count(o, at);
    leave_full(o);
}

static void open_container(struct cbor_out *o, enum cbor_kind type, uint64_t n)
{
    begin(o);
    assert(!at_key(&o->level[o->depth]) && o->depth < LIMIT_NESTING);
    put_head(o, type, n);
    count(o, o->w->n);
    o->level[++o->depth] =
        (struct cbor_out_level){type == CBOR_MAP ? 2 * n : n, type == CBOR_MAP, 0, 0};
    leave_full(o);
}

void cbor_put_array(struct cbor_out *o, size_t n)
{
    open_container(o, CBOR_ARRAY, n);
}

void cbor_put_map(struct cbor_out *o, size_t pairs)
{
    open_container(o, CBOR_MAP, pairs);
}

bool cbor_put_end(struct cbor_out *o)
{
    assert(!o->depth && !o->level[0].left);
    return wr_ok(o->w);
}
