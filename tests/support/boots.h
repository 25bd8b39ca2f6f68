/* Honest boots: the lab's, and where there are vectors those of seven real TPM logs. */
#ifndef SITUS_TESTS_BOOTS_H
#define SITUS_TESTS_BOOTS_H

#include "support/log_pair.h"

#define BOOTS 8 /* number 0 is the lab's */

/* boots_name says which. */
const char *boots_name(size_t i);

/* boots_moves_images says that its firmware logs boot applications and partitions in PCR 2, as
 * Google's in a TD does, and not in PCR 4 and 5. */
bool boots_moves_images(size_t i);

/* boots_start makes the pair of one boot, by firmware that measures to TD and TPM, and its image.
 * Of a real log the TD's side is made: no public pair of one boot exists. */
void boots_start(struct log_pair *p, size_t i);

#endif
