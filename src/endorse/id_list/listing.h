/*
 * What machine lists of every kind share (DESIGN: machine lists): a signed id list, and the
 * registries of others. They answer for the rows list.*.
 */
#ifndef SITUS_ENDORSE_ID_LIST_LISTING_H
#define SITUS_ENDORSE_ID_LIST_LISTING_H

#include "endorse/answer.h"

enum listing_kind { LISTING_PPID, LISTING_CHIP_ID, LISTING_KIND_COUNT };

/* listing_kind_name is "ppid" or "chip_id"; listing_kind_size the bytes of such an id (Intel SGX
 * PCK profile 1.3.5; AMD SEV-SNP ABI, CHIP_ID). */
const char *listing_kind_name(enum listing_kind kind);
size_t listing_kind_size(enum listing_kind kind);

/* The family of machine lists: the claims "list". */
extern const struct answer_family listing_family;

/* listing_id is the platform's id of a kind, from claims with authority; empty when the quote has
 * none. */
struct span listing_id(const struct question *q, enum listing_kind kind);

/* listing_accepts says that the policy accepts this source, a word of list.signature.sources; else
 * list.signature fails. */
bool listing_accepts(struct answer *x, const struct question *q, const char *source);

/* listing_decide_facility fails list.match when the policy lists facilities and not this one, and
 * states the claim. */
bool listing_decide_facility(struct answer *x, const struct question *q, struct span facility);

/* listing_decide_denied fails list.match when the policy's own deny list names the id. */
bool listing_decide_denied(struct answer *x, const struct question *q, struct span id);

/* listing_end fails list.match when the policy lists countries and the facility's is not known to be
 * one of them; it gives the claims the authority of who signed, or of the named party, when all four
 * rows hold. */
void listing_end(struct answer *x, const struct question *q, const struct anchor *party);

/*
 * listing_supersede fails list.rollback of each signed list beside which a newer number of the same
 * list was given, whose signature holds: one of the same signer (by its anchor, or by its subject
 * under another one), facility and kind. What it calls the owner does not count, so that a list
 * whose owner has a new name ends the old one. It names the machine still unless the newer one is
 * of the same signer under the same anchor: nobody else ends a contradiction.
 */
void listing_supersede(struct answer *const *v, size_t n);

#endif
