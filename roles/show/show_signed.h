/* Kinds of "situs show" that others say about machines, as rows of show.h: those of
 * model/endorsements.def, and composition manifests. Of a list at most 1000 entries are printed,
 * and how many it has. */
#ifndef SITUS_SHOW_SHOW_SIGNED_H
#define SITUS_SHOW_SHOW_SIGNED_H

#include "show/show.h"

/* show_word_is says that the bytes look like an endorsement that is shown; show_word_print prints
 * its kind, too. */
bool show_word_is(struct span bytes);
bool show_word_print(struct show *s, struct span bytes, struct situs_err *err);

bool show_composition_is(struct span bytes);
bool show_composition_print(struct show *s, struct span bytes, struct situs_err *err);

/* show_claims prints those that are set. */
struct claims;
void show_claims(struct show *s, const struct claims *c);

#endif
