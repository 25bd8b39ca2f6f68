/* What a named party states of an image: that it is closed, point by point (DESIGN: closed
 * references). */
#ifndef SITUS_MODEL_CLOSED_H
#define SITUS_MODEL_CLOSED_H

#include "base/arena.h"
#include "codec/json/json.h"

enum closed_point {
#define CLOSED(enumerator, key, sentence) CLOSED_##enumerator,
#include "model/closed.def"
#undef CLOSED
    CLOSED_POINTS
};

struct closed {
    struct span by;  /* who says so */
    uint32_t stated; /* bit i: point i is stated to be true */
};

/* closed_key and closed_sentence are those of a point. */
const char *closed_key(enum closed_point point);
const char *closed_sentence(enum closed_point point);

/*
 * closed_read reads the member "closed" of an image: {"by": text, and a boolean for each point}. A
 * point that is absent counts as not stated; an unknown one is an error, and so is "closed_by",
 * which said nothing in particular.
 */
bool closed_read(const struct json *image, struct closed *c, struct arena *a,
                 struct situs_err *err);

/* closed_gap is the first point that is not stated to be true; CLOSED_POINTS when all are. */
enum closed_point closed_gap(const struct closed *c);

#endif
