/*
 * One word of others about machines (an ownership endorsement, machine list, revocation list, CRL or
 * document of Google's hosts) that came from somewhere: read, verified alone under the anchors, and
 * compared with the one that it follows.
 */
#ifndef SITUS_FETCH_WORD_H
#define SITUS_FETCH_WORD_H

#include "base/time.h"
#include "frame/load.h"

#define WORD_WHOSE 320

/* What one is held against. */
struct word_rules {
    const struct situs_trust *trust;
    struct span issuer; /* DER certificate of the CA that signed a CRL; empty: an anchor did */
    int64_t at;
};

struct word {
    struct loaded_endorsements loaded;
    const char *what;       /* of which kind, as "machine list" */
    struct window valid;    /* of what has none: from INT64_MIN to INT64_MAX */
    uint64_t number;        /* of a list; else 0 */
    char whose[WORD_WHOSE]; /* signer, and what of his it is: one that follows has the same */
    struct span refresh;    /* where the next one is (POE); empty: it does not say */
};

/* word_read reads an item, which must outlive the word, and verifies its signature and its window. What
 * nobody signs (Google's document) is read, and no more. False: it counts for nothing. */
bool word_read(struct word *w, const struct situs_item *item, const struct word_rules *rules,
               struct situs_err *err);

/* word_follows says that one may take another's place: of the same kind and signer, and not older. */
bool word_follows(const struct word *w, const struct word *before, struct situs_err *err);

/* word_in_time says that a window holds at a time; else expired or not-yet-valid, with name as part. */
bool word_in_time(struct window valid, const char *name, int64_t at, struct situs_err *err);

/* word_free accepts the zero state. */
void word_free(struct word *w);

#endif
