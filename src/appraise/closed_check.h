/* What guest and host references share: an image counts only where it is stated to be closed. */
#ifndef SITUS_APPRAISE_CLOSED_CHECK_H
#define SITUS_APPRAISE_CLOSED_CHECK_H

#include "model/closed.h"
#include "model/finding.h"

/* closed_check fails the row c, of the parameter images, unless every point of DESIGN: closed
 * references is stated of the image of that name; the field is the first that is not. */
bool closed_check(struct findings *f, enum check c, const char *images, struct span name,
                  const struct closed *closed);

#endif
