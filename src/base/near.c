/* Levenshtein distance; see near.h. */
#include "base/near.h"

#include <string.h>

#define NEAR_MAX 31 /* letters of a word that is compared */

static size_t least_of(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* edits is the Levenshtein distance, one row of the matrix at a time. */
static size_t edits(const char *a, const char *b)
{
    size_t row[NEAR_MAX + 1], n = strlen(b);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];
            row[j] = least_of(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[n];
}

const char *near_word(const char *word, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t n_word = strlen(word), least = n_word < 4 ? 2 : n_word < 7 ? 3 : 4;
    if (n_word > NEAR_MAX)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        if (strlen(names[i]) > NEAR_MAX)
            continue;
        size_t d = edits(word, names[i]);
        if (d < least && d < strlen(names[i])) {
            least = d;
            best = names[i];
        }
    }
    return best;
}
