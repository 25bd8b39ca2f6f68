/*
 * What the caller gives beside the evidence (DESIGN: what the caller gives). It is told apart by
 * content and read here, before anything is judged: what does not read is an error of the request,
 * never "nothing given".
 */
#ifndef SITUS_SITUS_GIVEN_H
#define SITUS_SITUS_GIVEN_H

#include "base/item.h"
#include "endorse/endorsement.h"

/*
 * given_read reads the caller's endorsements: of PEM each CRL by itself. What is empty, of no known
 * kind or does not read to its last byte is an error whose part is the item's name, with a hint
 * that says what it looks like. once NULL: no signature, time or id is asked; else what
 * holds for good is verified under these anchors (situs_endorsements_load).
 */
bool given_read(struct endorsements *to, const struct situs_item *items, size_t n,
                const struct trust *once, struct arena *a, struct situs_err *err);

/* given_is_pem says that an endorsement is PEM, whose decoded form needs room for as much again. */
bool given_is_pem(struct span in);

#endif
