/* Numbers of signed lists that the caller saw before, so that an older one can be told. */
#ifndef SITUS_MODEL_SEEN_H
#define SITUS_MODEL_SEEN_H

#include "model/trust.h"

struct seen {
    const struct situs_seen *v;
    size_t n;
};

/* seen_number is the highest number that was seen of this signer, in this facility or without one;
 * 0: none. */
uint64_t seen_number(struct seen seen, const char *signer, struct span facility);

/* seen_known says that each signer is an anchor for the use, and that only machine lists have a
 * facility: a name that nobody has would guard nothing. Else unknown, under the given field. */
bool seen_known(struct seen seen, const struct trust *trust, enum anchor_use use, const char *field,
                struct situs_err *err);

#endif
