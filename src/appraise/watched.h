/* fresh.continuity: the machine was watched without a gap, by the word of who appraises (DESIGN: continuity). */
#ifndef SITUS_APPRAISE_WATCHED_H
#define SITUS_APPRAISE_WATCHED_H

#include "model/result.h"

/* watched_read says that what the caller gave of a span can be one; else err says what is wrong with it. */
SITUS_MUST_CHECK bool watched_read(const struct watched *w, int64_t at, struct situs_err *err);

/* watched_check decides fresh.continuity of a result, for w (NULL: nobody watched, or not without a gap), and notes in it
 * what was watched. */
void watched_check(struct result *r, const struct watched *w);

#endif
