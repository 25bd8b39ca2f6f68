/* What the policy has from somebody about what no evidence shows: it is named in the report, as a
 * note and as a party that is trusted (situs.h: struct situs_party). */
#ifndef SITUS_SITUS_SAID_H
#define SITUS_SITUS_SAID_H

#include "base/arena.h"
#include "model/closed.h"
#include "model/result.h"

/* said_closed: whose word it is that an image is closed, where all points of it are stated. */
void said_closed(struct result *r, struct said *s, struct span image, const struct closed *closed,
                 struct arena *a);

/* said_platform: whose word it is what the provider's virtual TPMs are worth. */
void said_platform(struct result *r, struct span by, struct arena *a);

#endif
