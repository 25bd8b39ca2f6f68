/* The word that somebody meant. */
#ifndef SITUS_BASE_NEAR_H
#define SITUS_BASE_NEAR_H

#include <stddef.h>

/* near_word is the name, of n, that is the fewest edits away from word; NULL when none is near: one
 * edit of a word of up to three letters, two of one of up to six, else three. */
const char *near_word(const char *word, const char *const *names, size_t n);

#endif
