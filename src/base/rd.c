/* Read cursor; see rd.h. */
#include "base/rd.h"

#include "base/text.h"

struct rd rd_new(struct span in, size_t base, const char *part, struct situs_err *err)
{
    return (struct rd){in, 0, base, part, err, err->code != SITUS_NONE};
}

bool rd_fail(struct rd *r, enum situs_code code, const char *field, size_t at, const char *expected,
             const char *got)
{
    r->failed = true;
    return err_fail(r->err, code, r->part, field, at, expected, got);
}

struct span rd_bytes(struct rd *r, size_t n, const char *field)
{
    if (r->failed)
        return span_of(NULL, 0);
    if (n > r->in.n - r->pos) {
        rd_fail(r, SITUS_TOO_SHORT, field, rd_at(r), TEXT_BYTES(n), TEXT_BYTES(r->in.n - r->pos));
        return span_of(NULL, 0);
    }
    struct span s = span_cut(r->in, r->pos, n);
    r->pos += n;
    return s;
}

/* number is an unsigned integer of n bytes; each reader below has its own copy, of known size. */
static inline uint64_t number(struct rd *r, size_t n, bool big, const char *field)
{
    uint64_t v = 0;
    if (r->failed || n > r->in.n - r->pos) {
        rd_bytes(r, n, field); /* says why */
        return 0;
    }
    const uint8_t *p = r->in.p + r->pos;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)p[i] << 8 * (big ? n - 1 - i : i);
    r->pos += n;
    return v;
}

uint8_t rd_u8(struct rd *r, const char *field)
{
    return (uint8_t)number(r, 1, false, field);
}

uint16_t rd_u16le(struct rd *r, const char *field)
{
    return (uint16_t)number(r, 2, false, field);
}

uint32_t rd_u32le(struct rd *r, const char *field)
{
    return (uint32_t)number(r, 4, false, field);
}

uint64_t rd_u64le(struct rd *r, const char *field)
{
    return number(r, 8, false, field);
}

uint16_t rd_u16be(struct rd *r, const char *field)
{
    return (uint16_t)number(r, 2, true, field);
}

uint32_t rd_u32be(struct rd *r, const char *field)
{
    return (uint32_t)number(r, 4, true, field);
}

uint64_t rd_u64be(struct rd *r, const char *field)
{
    return number(r, 8, true, field);
}

struct rd rd_sub(struct rd *r, size_t n, const char *field)
{
    size_t at = rd_at(r);
    struct span s = rd_bytes(r, n, field);
    struct rd sub = {s, 0, at, r->part, r->err, r->failed};
    return sub;
}

bool rd_end(struct rd *r, const char *field)
{
    if (r->failed)
        return false;
    if (r->pos != r->in.n)
        return rd_fail(r, SITUS_TRAILING, field, rd_at(r), "nothing after it",
                       TEXT_BYTES(r->in.n - r->pos));
    return true;
}
