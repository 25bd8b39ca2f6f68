/* Items of situs.h as spans, and back: a name for messages, and bytes. */
#ifndef SITUS_BASE_ITEM_H
#define SITUS_BASE_ITEM_H

#include "base/err.h"
#include "base/span.h"

/* item_span is the bytes. No pointer is no bytes, whatever the size says: refused as empty where it
 * is read. */
static inline struct span item_span(struct situs_item item)
{
    return span_of(item.p, item.p ? item.size : 0);
}

static inline struct situs_item item_of(const char *name, struct span s)
{
    return (struct situs_item){name, s.p, s.n};
}

#endif
