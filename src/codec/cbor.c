/* Deterministic CBOR reader (RFC 8949); see cbor.h. */
#include "codec/cbor.h"

#include "base/text.h"

#include <math.h>

/* Additional information and simple values (RFC 8949 3 and 3.3). */
enum { ONE_BYTE = 24, EIGHT_BYTES = 27, INDEFINITE = 31, FALSE = 20, TRUE = 21, NIL = 22 };

#define MASK(type) (1u << (type))
#define MASK_KEYS (MASK(CBOR_UINT) | MASK(CBOR_NINT) | MASK(CBOR_BYTES) | MASK(CBOR_TEXT))

static const char *const names[] = {"unsigned integer",
                                    "negative integer",
                                    "byte string",
                                    "text string",
                                    "array",
                                    "map",
                                    "tag",
                                    "simple value",
                                    "end"};

struct head {
    enum cbor_kind type;
    unsigned info; /* low five bits of the initial byte (RFC 8949 3) */
    uint64_t v;
    size_t at, pos; /* offset within the part; index in the bytes */
};

struct cbor cbor_new(struct span in, size_t base, const char *part, struct situs_err *err)
{
    struct cbor c = {.r = rd_new(in, base, part, err)};
    c.level[0].left = 1;
    return c;
}

struct cbor cbor_foreign(struct span in, size_t base, const char *part, struct cbor_keys *keys,
                         struct situs_err *err)
{
    struct cbor c = cbor_new(in, base, part, err);
    keys->n = 0;
    c.keys = keys;
    return c;
}

bool cbor_ok(const struct cbor *c)
{
    return rd_ok(&c->r);
}

size_t cbor_at(const struct cbor *c)
{
    return rd_at(&c->r);
}

bool cbor_fail(struct cbor *c, enum situs_code code, const char *field, size_t at,
               const char *expected, const char *got)
{
    return rd_fail(&c->r, code, field, at, expected, got);
}

enum cbor_kind cbor_peek(const struct cbor *c)
{
    if (!rd_left(&c->r) || !c->level[c->depth].left)
        return CBOR_END;
    return (enum cbor_kind)(c->r.in.p[c->r.pos] >> 5);
}

/* Refuses what the initial byte alone shows to be outside the profile. */
static bool check_info(struct cbor *c, const struct head *h, const char *field)
{
    unsigned info = h->info;
    if (h->type == CBOR_SIMPLE) {
        if (info == FALSE || info == TRUE || info == NIL || (c->keys && info <= EIGHT_BYTES))
            return true;
        return cbor_fail(c, SITUS_UNSUPPORTED, field, h->at, "false, true or null",
                         info > ONE_BYTE && info <= EIGHT_BYTES ? "a floating-point number"
                         : info == INDEFINITE                   ? "a break"
                                                                : "another simple value");
    }
    if (info == INDEFINITE)
        return cbor_fail(c, SITUS_UNSUPPORTED, field, h->at, "a definite length",
                         "an indefinite length");
    if (info > EIGHT_BYTES)
        return cbor_fail(c, SITUS_MALFORMED, field, h->at, "additional information below 28",
                         TEXT_NUM(info));
    return true;
}

static bool read_head(struct cbor *c, struct head *h, const char *field)
{
    struct rd *r = &c->r;
    h->at = rd_at(r);
    h->pos = r->pos;
    uint8_t first = rd_u8(r, field);
    h->info = first & 31; /* RFC 8949 3: 3 bits of major type, 5 of information */
    h->type = (enum cbor_kind)(first >> 5);
    if (!rd_ok(r) || !check_info(c, h, field))
        return false;
    uint64_t least = 0; /* smallest argument that needs so many bytes (4.2.1) */
    switch (h->info) {
    case ONE_BYTE:
        h->v = rd_u8(r, field);
        least = 24;
        break;
    case 25:
        h->v = rd_u16be(r, field);
        least = 0x100;
        break;
    case 26:
        h->v = rd_u32be(r, field);
        least = 0x10000;
        break;
    case EIGHT_BYTES:
        h->v = rd_u64be(r, field);
        least = 0x100000000;
        break;
    default:
        h->v = h->info;
    }
    if (h->type == CBOR_SIMPLE) /* a float's bits may be few; a simple value needs 32 (3.3) */
        least = h->info == ONE_BYTE ? 32 : 0;
    if (rd_ok(r) && h->v < least)
        return cbor_fail(c, SITUS_MALFORMED, field, h->at, "the shortest encoding", "a longer one");
    return rd_ok(r);
}

static bool at_key(const struct cbor_level *l)
{
    return l->map && l->left % 2 == 0;
}

/* Begins the next item, which must be of a type in mask; expected names the mask. */
static bool begin(struct cbor *c, unsigned mask, const char *expected, struct head *h,
                  const char *field)
{
    struct cbor_level *l = &c->level[c->depth];
    if (!rd_ok(&c->r))
        return false;
    if (!l->left)
        return cbor_fail(c, SITUS_MISSING, field, cbor_at(c), expected, "the end");
    if (!read_head(c, h, field))
        return false;
    if (!(mask & MASK(h->type)))
        return cbor_fail(c, SITUS_MALFORMED, field, h->at, expected, names[h->type]);
    if (at_key(l) && !(MASK_KEYS & MASK(h->type)))
        return cbor_fail(c, SITUS_UNSUPPORTED, field, h->at, "an integer or a string as key",
                         names[h->type]);
    return true;
}

/* Keys must rise: RFC 8949 4.2.1, and 5.6 for duplicates. */
static bool check_order(struct cbor *c, const struct head *h, struct span key, const char *field)
{
    struct cbor_level *l = &c->level[c->depth];
    int order = l->key.n ? span_compare(key, l->key) : 1;
    if (order == 0)
        return cbor_fail(c, SITUS_DUPLICATE, field, h->at, "each key once", "a key again");
    if (order < 0)
        return cbor_fail(c, SITUS_MALFORMED, field, h->at, "keys in bytewise order",
                         "a key below the one before it");
    l->key = key;
    return true;
}

/* In any order, each key is compared with all of its map; heads are shortest, so bytes decide. */
static bool check_once(struct cbor *c, const struct head *h, struct span key, const char *field)
{
    struct cbor_keys *keys = c->keys;
    for (size_t i = c->level[c->depth].first; i < keys->n; i++)
        if (span_equal(keys->v[i], key))
            return cbor_fail(c, SITUS_DUPLICATE, field, h->at, "each key once", "a key again");
    if (keys->n == LIMIT_CBOR_KEYS)
        return cbor_fail(c, SITUS_TOO_LONG, field, h->at, TEXT_NUM(LIMIT_CBOR_KEYS), "more keys");
    keys->v[keys->n++] = key;
    return true;
}

/* Ends an item without content items. */
static bool finish(struct cbor *c, const struct head *h, const char *field)
{
    struct cbor_level *l = &c->level[c->depth];
    if (!rd_ok(&c->r))
        return false;
    if (at_key(l)) {
        struct span key = span_cut(c->r.in, h->pos, c->r.pos - h->pos);
        if (!(c->keys ? check_once : check_order)(c, h, key, field))
            return false;
    }
    l->left--;
    c->tags = 0;
    return true;
}

static bool scalar(struct cbor *c, unsigned mask, const char *expected, struct head *h,
                   const char *field)
{
    return begin(c, mask, expected, h, field) && finish(c, h, field);
}

uint64_t cbor_uint(struct cbor *c, const char *field)
{
    struct head h = {0};
    return scalar(c, MASK(CBOR_UINT), names[CBOR_UINT], &h, field) ? h.v : 0;
}

int64_t cbor_int(struct cbor *c, const char *field)
{
    struct head h = {0};
    if (!scalar(c, MASK(CBOR_UINT) | MASK(CBOR_NINT), "integer", &h, field))
        return 0;
    if (h.v > INT64_MAX) {
        cbor_fail(c, SITUS_UNSUPPORTED, field, h.at, "an integer of 64 bits", "a larger one");
        return 0;
    }
    return h.type == CBOR_NINT ? -1 - (int64_t)h.v : (int64_t)h.v; /* RFC 8949 3.1 */
}

/* The value of a float (IEEE 754; RFC 8949 3.3 and appendix D for 16 bits). */
static double float_value(const struct head *h)
{
    if (h->info == EIGHT_BYTES) {
        double d;
        memcpy(&d, &h->v, sizeof d);
        return d;
    }
    if (h->info == EIGHT_BYTES - 1) {
        uint32_t bits = (uint32_t)h->v;
        float f;
        memcpy(&f, &bits, sizeof f);
        return (double)f;
    }
    int exponent = (int)(h->v >> 10 & 31);
    double fraction = (double)(h->v & 1023);
    double d =
        exponent ? (fraction + 1024) * (double)(1u << exponent) / (1 << 25) : fraction / (1 << 24);
    if (exponent == 31)
        return (double)INFINITY;
    return h->v & 0x8000 ? -d : d;
}

int64_t cbor_number(struct cbor *c, const char *field)
{
    const double limit = 9007199254740992.0; /* 2^53: every integer below has a float of its own */
    struct head h = {0};
    if (!c->keys || cbor_peek(c) != CBOR_SIMPLE)
        return cbor_int(c, field);
    if (!scalar(c, MASK(CBOR_SIMPLE), "integer", &h, field))
        return 0;
    double d = h.info > ONE_BYTE ? float_value(&h) : (double)NAN;
    if (d > -limit && d < limit && d == (double)(int64_t)d)
        return (int64_t)d;
    cbor_fail(c, SITUS_MALFORMED, field, h.at, "an integer", "another value");
    return 0;
}

static struct span string(struct cbor *c, enum cbor_kind type, const char *field)
{
    struct head h = {0};
    struct span none = {0}, s = {0};
    if (!begin(c, MASK(type), names[type], &h, field))
        return none;
    if (h.v > rd_left(&c->r)) {
        cbor_fail(c, SITUS_TOO_SHORT, field, h.at, TEXT_BYTES((size_t)h.v),
                  TEXT_BYTES(rd_left(&c->r)));
        return none;
    }
    s = rd_bytes(&c->r, (size_t)h.v, field);
    if (type == CBOR_TEXT && !text_utf8(s)) {
        cbor_fail(c, SITUS_MALFORMED, field, h.at, "valid UTF-8", "other bytes");
        return none;
    }
    return finish(c, &h, field) ? s : none;
}

struct span cbor_bytes(struct cbor *c, const char *field)
{
    return string(c, CBOR_BYTES, field);
}

struct span cbor_text(struct cbor *c, const char *field)
{
    return string(c, CBOR_TEXT, field);
}

static size_t container(struct cbor *c, enum cbor_kind type, const char *field)
{
    struct head h = {0};
    unsigned each = type == CBOR_MAP ? 2 : 1;
    if (!begin(c, MASK(type), names[type], &h, field))
        return 0;
    if (h.v > rd_left(&c->r) / each) { /* an item takes a byte at least */
        cbor_fail(c, SITUS_TOO_SHORT, field, h.at, "bytes for every item of the count",
                  TEXT_BYTES(rd_left(&c->r)));
        return 0;
    }
    if (c->depth == LIMIT_NESTING) {
        cbor_fail(c, SITUS_TOO_LONG, field, h.at, TEXT_NUM(LIMIT_NESTING), "deeper nesting");
        return 0;
    }
    finish(c, &h, field);
    c->level[++c->depth] =
        (struct cbor_level){h.v * each, type == CBOR_MAP, {0}, c->keys ? c->keys->n : 0};
    return (size_t)h.v;
}

size_t cbor_array(struct cbor *c, const char *field)
{
    return container(c, CBOR_ARRAY, field);
}

size_t cbor_map(struct cbor *c, const char *field)
{
    return container(c, CBOR_MAP, field);
}

/* Nothing of the open level may be left: no item, no content of a tag. */
static bool level_end(struct cbor *c, const char *field)
{
    if (!cbor_ok(c))
        return false;
    if (c->level[c->depth].left)
        return cbor_fail(c, SITUS_TRAILING, field, cbor_at(c), "no more items",
                         names[cbor_peek(c)]);
    return true;
}

bool cbor_leave(struct cbor *c, const char *field)
{
    if (!level_end(c, field))
        return false;
    if (!c->depth)
        return cbor_fail(c, SITUS_INTERNAL, field, cbor_at(c), "an open container", "none");
    if (c->keys)
        c->keys->n = c->level[c->depth].first;
    c->depth--;
    return true;
}

uint64_t cbor_tag(struct cbor *c, const char *field)
{
    struct head h = {0};
    if (!begin(c, MASK(CBOR_TAG), names[CBOR_TAG], &h, field))
        return 0;
    if (++c->tags > LIMIT_NESTING) {
        cbor_fail(c, SITUS_TOO_LONG, field, h.at, TEXT_NUM(LIMIT_NESTING), "more tags in a row");
        return 0;
    }
    return h.v;
}

bool cbor_tag_is(struct cbor *c, uint64_t tag, const char *field)
{
    size_t at = cbor_at(c);
    uint64_t v = cbor_tag(c, field);
    if (cbor_ok(c) && v != tag)
        return cbor_fail(c, SITUS_MISMATCH, field, at, TEXT_NUM(tag), TEXT_NUM(v));
    return cbor_ok(c);
}

/* Reads one item, or opens one container, or reads one tag. */
static void step(struct cbor *c, const char *field)
{
    struct head h = {0};
    switch (cbor_peek(c)) {
    case CBOR_BYTES:
    case CBOR_TEXT:
        string(c, cbor_peek(c), field);
        break;
    case CBOR_ARRAY:
    case CBOR_MAP:
        container(c, cbor_peek(c), field);
        break;
    case CBOR_TAG:
        cbor_tag(c, field);
        break;
    default:
        scalar(c, MASK(CBOR_UINT) | MASK(CBOR_NINT) | MASK(CBOR_SIMPLE), "an item", &h, field);
    }
}

struct span cbor_skip(struct cbor *c, const char *field)
{
    size_t from = c->r.pos;
    unsigned depth = c->depth;
    do {
        step(c, field);
        while (cbor_ok(c) && c->depth > depth && !c->level[c->depth].left)
            cbor_leave(c, field);
    } while (cbor_ok(c) && (c->depth > depth || c->tags));
    return cbor_ok(c) ? span_cut(c->r.in, from, c->r.pos - from) : span_of(NULL, 0);
}

struct cbor cbor_inside(struct cbor *c, const char *field)
{
    struct span s = cbor_bytes(c, field);
    struct cbor inside = cbor_new(s, cbor_at(c) - s.n, c->r.part, c->r.err);
    inside.r.failed = c->r.failed;
    inside.keys = c->keys;
    return inside;
}

bool cbor_end(struct cbor *c, const char *field)
{
    if (!cbor_ok(c))
        return false;
    if (c->depth)
        return cbor_fail(c, SITUS_INTERNAL, field, cbor_at(c), "no open container", "one");
    if (c->level[0].left)
        return cbor_fail(c, SITUS_MISSING, field, cbor_at(c), "an item", "none");
    return rd_end(&c->r, field);
}
