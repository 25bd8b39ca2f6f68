/*
 * A read cursor over hostile bytes. It remembers its first failure (in err, with part, field and
 * byte offset); after that every read gives zero or an empty span, so a reader checks once, at the
 * end.
 */
#ifndef SITUS_BASE_RD_H
#define SITUS_BASE_RD_H

#include "base/err.h"
#include "base/span.h"

struct rd {
    struct span in;
    size_t pos;       /* next byte in in */
    size_t base;      /* offset of in.p[0] within the part, for error messages */
    const char *part; /* name of the input */
    struct situs_err *err;
    bool failed;
};

/* rd_new reads in, which starts at byte base of the part. err must hold no failure yet. */
struct rd rd_new(struct span in, size_t base, const char *part, struct situs_err *err);

/* rd_left is the number of bytes not read yet; 0 after a failure. */
static inline size_t rd_left(const struct rd *r)
{
    return r->failed ? 0 : r->in.n - r->pos;
}

/* rd_at is the offset of the next byte within the part. */
static inline size_t rd_at(const struct rd *r)
{
    return r->base + r->pos;
}

/* Integers, little- or big-endian; 0 after a failure (too-short). */
uint8_t rd_u8(struct rd *r, const char *field);
uint16_t rd_u16le(struct rd *r, const char *field);
uint32_t rd_u32le(struct rd *r, const char *field);
uint64_t rd_u64le(struct rd *r, const char *field);
uint16_t rd_u16be(struct rd *r, const char *field);
uint32_t rd_u32be(struct rd *r, const char *field);
uint64_t rd_u64be(struct rd *r, const char *field);

/* rd_bytes is the next n bytes; an empty span after a failure. */
struct span rd_bytes(struct rd *r, size_t n, const char *field);

/* rd_sub reads the next n bytes with a cursor of their own that reports to the same err. */
struct rd rd_sub(struct rd *r, size_t n, const char *field);

/* rd_fail records a failure at the field that starts at offset at (of the part). */
bool rd_fail(struct rd *r, enum situs_code code, const char *field, size_t at, const char *expected,
             const char *got);

/* rd_end says that all bytes were read and nothing failed; else trailing. */
bool rd_end(struct rd *r, const char *field);

/* rd_ok says that nothing failed so far. */
static inline bool rd_ok(const struct rd *r)
{
    return !r->failed;
}

#endif
