/*
 * Numbers of signed lists that were seen (DESIGN: service, 8): those of the files that a policy names, and what the keeper
 * knows from before. Judges get them as sealed memory beside each ask.
 */
#ifndef SITUS_SERVE_SERVE_SEEN_H
#define SITUS_SERVE_SERVE_SEEN_H

#include "base/limits.h"
#include "endorse/signed_doc.h"
#include "serve/world/serve_loaded.h"
#include "situs.h"

#define SERVE_SEEN 1024 /* signers' counts, at most */

/* One count; texts end in a zero byte, and what has none is empty. */
struct serve_seen {
    char kind[16], anchor[TRUST_NAME_MAX + 4], subject[SIGNED_DOC_SUBJECT];
    char facility[LIMIT_LIST_TEXT + 8];
    uint64_t number;
};

struct serve_seen_set {
    struct serve_seen v[SERVE_SEEN];
    size_t n;
    size_t
        most; /* counts of one anchor: nobody below one fills the places of another's; 0: no such bound */
};

/* serve_seen_raise puts a count into a set, or raises the one of it that is there; false: its anchor has no place left. */
bool serve_seen_raise(struct serve_seen_set *set, const struct serve_seen *seen);

/* A list that a policy holds. */
struct serve_number {
    uint64_t policy; /* its index */
    struct serve_seen seen;
};

/* serve_seen_numbers writes the lists among the endorsements that verify at a time, SITUS_ENDORSEMENTS at most, and returns
 * how many. */
size_t serve_seen_numbers(struct serve_number *rows, const struct situs_endorsements *given,
                          const struct situs_trust *trust, int64_t at);

/* serve_seen_current says that every list of the policy is counted in a set (too-long: it had no room), and none is above
 * that of the policy (out-of-date); the part is the list's kind. */
bool serve_seen_current(const struct serve_number *rows, size_t n, uint64_t policy,
                        const struct serve_seen_set *seen, struct situs_err *err);

/* serve_seen_forgotten says that the operator has written into the configuration that this number is not to be believed. */
bool serve_seen_forgotten(const struct serve_config *c, const struct serve_seen *seen);

/* serve_seen_known says that one of the first policies has an anchor of this name for what is numbered; what is counted of
 * others concerns nobody here. */
bool serve_seen_known(const struct serve_world *w, size_t policies, const char *anchor);

/* serve_seen_places is how many counts each anchor may have, so that all have as many. A name is one certificate's in all
 * policies. */
size_t serve_seen_places(const struct serve_world *w);

/* serve_seen_view is the count as the library takes it. */
struct situs_seen serve_seen_view(const struct serve_seen *seen);

#endif
