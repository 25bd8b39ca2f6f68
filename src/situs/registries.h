/* Registries of others among the endorsements (DESIGN 14): kinds that no signature names. */
#ifndef SITUS_SITUS_REGISTRIES_H
#define SITUS_SITUS_REGISTRIES_H

#include "endorse/id_list/listing.h"
#include "situs/gather.h"

/* registries_kind tells a registry by its name and content; false for anything else. It is for what
 * the caller gives himself: a bundle has no such kinds. */
bool registries_kind(const char *name, struct span bytes, enum endorsement_kind *kind);

/* registries_answer decides the list.* rows for an endorsement of such a kind; false, and nothing
 * decided, for another kind. */
bool registries_answer(const struct endorsement *e, const struct listing_question *q,
                       struct listing *out);

#endif
