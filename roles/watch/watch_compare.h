/*
 * The same machines as several verifiers see them, who do not trust each other: matched by EK Name, by AK Name where there is no EK,
 * and by platform (PIID, CHIP_ID) where one of two has no TPM or both have an EK. Many guests of a managed cloud share a
 * platform, so there it alone matches nobody. Names are each verifier's own, and match nothing. Pure.
 */
#ifndef SITUS_WATCH_WATCH_COMPARE_H
#define SITUS_WATCH_WATCH_COMPARE_H

#include "watch/watch_show.h"

#define WATCH_PARTIES 16

/* One machine, as one verifier sees it. */
struct watch_seen {
    const struct watch_machine *machine;
    size_t party, group; /* group: the number of the first of those that are the same machine */
};

struct watch_compared {
    struct watch_seen *v; /* by group, then by party */
    size_t n, parties;
};

/* watch_compare matches the machines of all parties; false: no memory. fleets with no answer are empty. Free it with
 * watch_compare_free, which accepts the zero state. */
bool watch_compare(struct watch_compared *c, const struct watch_view *parties, size_t n);
void watch_compare_free(struct watch_compared *c);

/* watch_compare_exit is the exit code: the smallest of those of all groups, and 7 where a party has no current answer; 6 where nobody
 * watches anything. */
int watch_compare_exit(const struct watch_compared *c, const struct watch_view *parties);

/* watch_compare_text and watch_compare_json write it. */
void watch_compare_text(struct wr *w, const struct watch_compared *c,
                        const struct watch_view *parties);
void watch_compare_json(struct wr *w, const struct watch_compared *c,
                        const struct watch_view *parties);

#endif
