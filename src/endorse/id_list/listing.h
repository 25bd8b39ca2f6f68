/*
 * What every kind of machine list is asked, and how it answers (DESIGN: machine lists): a signed id
 * list, and the registries of others. Each source is judged alone; listing_settle picks.
 */
#ifndef SITUS_ENDORSE_ID_LIST_LISTING_H
#define SITUS_ENDORSE_ID_LIST_LISTING_H

#include "base/time.h"
#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"
#include "model/seen.h"

enum listing_kind { LISTING_PPID, LISTING_CHIP_ID, LISTING_KIND_COUNT };

/* listing_kind_name is "ppid" or "chip_id"; listing_kind_size the bytes of such an id (Intel SGX
 * PCK profile 1.3.5; AMD SEV-SNP ABI, CHIP_ID). */
const char *listing_kind_name(enum listing_kind kind);
size_t listing_kind_size(enum listing_kind kind);

/* Is the platform of the verified quote on the list? */
struct listing_question {
    const struct claims *tee;   /* the platform's ids; without authority they match nothing */
    const struct claims *guest; /* the AK certificate's words; NULL: none */
    struct span quote;          /* the whole quote, for sources that speak of one quote */
    struct span sent;           /* the same with the zeros after it, as some platforms give it */
    const struct trust *trust;
    const struct policy *policy;
    int64_t at;
    struct seen seen; /* numbers of lists that the caller saw before */
    struct arena *arena;
};

#define LISTING_NOTES 6

/* One source's answer: the rows list.*, and what it says. claims.authority is set when all four
 * hold. */
struct listing {
    const char *part; /* for errors */
    struct findings findings;
    struct claims claims;
    const struct anchor *signer; /* of a signed list; NULL: not known, or nobody's */
    bool names; /* a signed list in its time holds this machine, whoever it may say that of: it
                   contradicts another owner's */
    const char *notes[LISTING_NOTES];
    size_t n_notes;
};

/* listing_begin makes an answer that says nothing yet. */
void listing_begin(struct listing *l, const struct listing_question *q, const char *part);

/* listing_fail records a failure of a row, with finding_fail's arguments; returns false. */
bool listing_fail(struct listing *l, enum check c, enum situs_code code, const char *field,
                  const char *expected, const char *got, const char *hint);

/* listing_note adds a sentence for the report; it must outlive the answer. */
void listing_note(struct listing *l, const char *note);

/* listing_id is the platform's id of a kind, from claims with authority; empty when the quote has
 * none. */
struct span listing_id(const struct listing_question *q, enum listing_kind kind);

/* listing_accepts says that the policy accepts this source, a word of list.signature.sources; else
 * list.signature fails. */
bool listing_accepts(struct listing *l, const struct listing_question *q, const char *source);

/* listing_decide_facility fails list.match when the policy lists facilities and not this one, and
 * states the claim. */
bool listing_decide_facility(struct listing *l, const struct listing_question *q,
                             struct span facility);

/* listing_skip records why a row did not run; returns false. */
bool listing_skip(struct listing *l, enum check c, const char *reason);

/* listing_decide_denied fails list.match when the policy's own deny list names the id. */
bool listing_decide_denied(struct listing *l, const struct listing_question *q, struct span id);

/* listing_end gives the claims the authority of who signed, or of the named party, when all four
 * rows hold. */
void listing_end(struct listing *l, const struct anchor *party);

/*
 * listing_supersede fails list.rollback of each signed list beside which a newer number of the same
 * list was given, whose signature holds: one of the same signer (by its anchor, or by its subject
 * under another one), facility and kind. What it calls
 * the owner does not count, so that a list whose owner has a new name ends the old one. It names
 * the machine still unless the newer one is of the same signer under the same anchor: nobody else
 * ends a contradiction.
 */
void listing_supersede(struct listing *const *v, size_t n);

/*
 * listing_settle writes the four rows and the claims from the n answers: those of one that holds,
 * else of the one that got furthest, else (n 0) not-run. One that holds, and another that holds or
 * names the machine (whether or not the policy accepts its word), with different owners fail
 * list.match as a duplicate. Returns the answer in use, or NULL.
 */
const struct listing *listing_settle(const struct listing *const *v, size_t n, struct claims *c,
                                     struct findings *f);

#endif
