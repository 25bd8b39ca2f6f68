/* Where something stands in the text of a JSON file: people count lines. */
#ifndef SITUS_FRAME_PLACE_H
#define SITUS_FRAME_PLACE_H

#include "base/err.h"
#include "base/span.h"

/* line and column count from 1, a column is a character; line 0: nowhere. */
struct place {
    size_t line, column;
};

/* place_at is where a byte offset of the text is. */
struct place place_at(struct span text, size_t at);

/* place_find is where an error of the text is: its offset, or its field, or the innermost value
 * around the field that is there. */
struct place place_find(struct span text, const struct situs_err *err);

/* One value of a JSON text: its dotted way as errors name it (cut to 255 bytes), its bytes, and the
 * offset of its name, or of itself in an array. */
struct place_value {
    const char *path;
    struct span bytes; /* whole, without blanks around it */
    size_t at;
};

/* place_values calls see for each value but the whole, outer ones first, until false or the text is
 * JSON no more. */
typedef bool place_see(void *own, const struct place_value *value);
void place_values(struct span text, place_see *see, void *own);

#endif
