/* Numbers of signed lists that the caller saw before, so that an older one can be told. */
#ifndef SITUS_MODEL_SEEN_H
#define SITUS_MODEL_SEEN_H

#include "base/wr.h"
#include "model/trust.h"

struct seen {
    const struct situs_seen *v;
    size_t n;
};

/* SEEN_KIND(word, use): what is counted, and for what its signer's anchor must be. */
#define SEEN_REVOCATION "revocation"
#define SEEN_KINDS(X)  \
    X("ppid", LIST)    \
    X("chip_id", LIST) \
    X(SEEN_REVOCATION, POE)

/* Whose list, and which: what a signer counts by itself. */
struct seen_list {
    const char *kind;     /* a word of SEEN_KINDS */
    const char *anchor;   /* in which the signer's chain ends */
    struct span subject;  /* of the signer's certificate, as x509_subject writes it */
    struct span facility; /* of machine lists; else empty */
};

/*
 * seen_find is the entry with the highest number that speaks of the list; NULL: none. An entry with
 * a subject speaks of that signer under whatever anchor, since a signer whose chain leads to two
 * would let the sender of a list choose the count; one without speaks of every signer under its
 * anchor, and of no other. Without a facility it speaks of all.
 */
const struct situs_seen *seen_find(struct seen seen, const struct seen_list *list);

/* seen_hint is what to do about a list that is older than the floor: it is the entry's (or NULL),
 * or the policy's. */
const char *seen_hint(const struct situs_seen *entry, const struct seen_list *list, uint64_t floor);

/* seen_known says that each entry has a kind and a number, names an anchor for it, and only a
 * machine list's a facility: what nobody has would guard nothing. Else unknown or malformed, under
 * the given field. */
bool seen_known(struct seen seen, const struct trust *trust, const char *field,
                struct situs_err *err);

/* seen_write writes KIND:ANCHOR/SUBJECT[=FACILITY]=NUMBER, as --list-seen reads it. In the names
 * only letters, digits and ".-_,@+" stand for themselves; other bytes are %XX. */
void seen_write(struct wr *w, const struct seen_list *list, uint64_t number);

#endif
