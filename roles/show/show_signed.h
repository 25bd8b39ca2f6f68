/* Kinds of "situs show" that others sign about machines, as rows of show.h: is tells them by the
 * content type of their envelope. Of a list at most 1000 entries are printed, and how many it
 * has. */
#ifndef SITUS_SHOW_SHOW_SIGNED_H
#define SITUS_SHOW_SHOW_SIGNED_H

#include "show/show.h"

bool show_poe_is(struct span bytes);
bool show_poe_print(struct show *s, struct span bytes, struct situs_err *err);

bool show_list_is(struct span bytes);
bool show_list_print(struct show *s, struct span bytes, struct situs_err *err);

bool show_revocation_is(struct span bytes);
bool show_revocation_print(struct show *s, struct span bytes, struct situs_err *err);

bool show_composition_is(struct span bytes);
bool show_composition_print(struct show *s, struct span bytes, struct situs_err *err);

#endif
