/* A writer into a fixed buffer. It counts on after the buffer is full, so the size needed is
 * known. */
#ifndef SITUS_BASE_WR_H
#define SITUS_BASE_WR_H

#include "base/span.h"

struct wr {
    uint8_t *p;
    size_t size, n; /* room and bytes written; n > size says that the output was cut */
};

static inline struct wr wr_new(void *buffer, size_t size)
{
    return (struct wr){(uint8_t *)buffer, size, 0};
}

static inline bool wr_ok(const struct wr *w)
{
    return w->n <= w->size;
}

/* wr_span is what was written so far; empty when the output was cut. */
static inline struct span wr_span(const struct wr *w)
{
    return wr_ok(w) ? span_of(w->p, w->n) : span_of(NULL, 0);
}

void wr_bytes(struct wr *w, struct span s);

static inline void wr_u8(struct wr *w, uint8_t v)
{
    if (w->n < w->size)
        w->p[w->n] = v;
    w->n++;
}

void wr_u16be(struct wr *w, uint16_t v);
void wr_u32be(struct wr *w, uint32_t v);
void wr_u64be(struct wr *w, uint64_t v);
void wr_u16le(struct wr *w, uint16_t v);
void wr_u32le(struct wr *w, uint32_t v);
void wr_text(struct wr *w, const char *s);
void wr_hex(struct wr *w, struct span s);
void wr_format(struct wr *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
