/* A span is borrowed bytes: a pointer and a size. It never owns and never ends in a zero byte. */
#ifndef SITUS_BASE_SPAN_H
#define SITUS_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *p;
    size_t n;
};

/* SPAN_LIT is the bytes of a string literal without its terminating zero. */
#define SPAN_LIT(s) ((struct span){(const uint8_t *)(s), sizeof(s) - 1})
/* SPAN_ARR is the bytes of an array. */
#define SPAN_ARR(a) ((struct span){(const uint8_t *)(a), sizeof(a)})

static inline struct span span_of(const void *p, size_t n)
{
    return (struct span){(const uint8_t *)p, n};
}

/* span_text is the bytes of a zero-terminated string. */
static inline struct span span_text(const char *s)
{
    return span_of(s, strlen(s));
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* span_compare orders like memcmp, a proper prefix before the longer. */
static inline int span_compare(struct span a, struct span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

/* span_all says that every byte has this value; an empty span says true. Fast on long padding. */
static inline bool span_all(struct span s, uint8_t value)
{
    return s.n == 0 || (s.p[0] == value && memcmp(s.p, s.p + 1, s.n - 1) == 0);
}

/* span_cut is n bytes from offset; both must lie inside s, which may be empty. */
static inline struct span span_cut(struct span s, size_t offset, size_t n)
{
    return span_of(offset ? s.p + offset : s.p, n);
}

static inline bool span_starts(struct span s, struct span prefix)
{
    return s.n >= prefix.n && memcmp(s.p, prefix.p, prefix.n) == 0;
}

#endif
