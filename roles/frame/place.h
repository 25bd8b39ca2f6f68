/* Where something stands in the text of a JSON file: people count lines. */
#ifndef SITUS_FRAME_PLACE_H
#define SITUS_FRAME_PLACE_H

#include "base/err.h"
#include "base/span.h"

/* line and column count from 1, a column is a character; line 0: nowhere. */
struct place {
    size_t line, column;
};

/* place_find is where an error of the text is: its offset, or its field, or the innermost value
 * around the field that is there. */
struct place place_find(struct span text, const struct situs_err *err);

#endif
