/* Text of others as a person may be shown it: nothing in it is hidden, moves what stands beside it, or commands a terminal. */
#ifndef SITUS_BASE_LETTERS_H
#define SITUS_BASE_LETTERS_H

#include "base/wr.h"

/* letters_show writes the text: what is not seen, or moves what is (controls, marks of direction, signs without width), and quotation
 * marks as <U+202E>; of what is no UTF-8 each byte outside ASCII as '?'; "..." in the place of what comes after most bytes of it. */
void letters_show(struct wr *w, struct span s, size_t most);

#endif
