/*
 * What every word about a machine is asked, and how it answers (DESIGN: ownership, and machine
 * lists). Each is judged alone; one that holds decides, else the one that got furthest; two that
 * name different owners of the machine refuse both.
 */
#ifndef SITUS_ENDORSE_ANSWER_H
#define SITUS_ENDORSE_ANSWER_H

#include "endorse/endorsement.h"
#include "model/result.h"
#include "model/seen.h"

struct issuer_cache;
struct revocations;

/* What one appraisal asks of all of them. */
struct question {
    const struct claims *claims; /* INSTANCE_COUNT sets: what the evidence says of the machine;
                                    without authority they match nothing */
    struct span quote;           /* the whole quote, for words that speak of one quote */
    struct span sent;            /* the same with the zeros after it, as some platforms give it */
    const struct trust *trust;
    const struct policy *policy;
    int64_t at;
    struct seen seen;                /* numbers of lists that the caller saw before */
    struct x509_crls *crls;          /* of the whole appraisal; NULL: none */
    struct revocations *revocations; /* likewise; asked by the engine, not by an answer */
    struct issuer_cache *issuers;    /* of ownership endorsements; NULL: nothing is remembered */
    struct arena *arena;
};

#define ANSWER_NOTES 6

/* One word's answer: the rows of its family, and what it says. claims.authority is set when its
 * rows hold: what fails a row, or speaks of no verified machine, is nobody's. */
struct answer {
    const char *part; /* for errors */
    struct findings findings;
    struct claims claims;
    const struct anchor *signer; /* of a signed list; NULL: not known, or nobody's */
    bool names; /* in its own time it speaks of this machine by its signature alone, whoever it may
                   say that of: it contradicts another owner's (CLAIM_OWNER) */
    bool lost;  /* memory was out where that was asked: it may be what contradicts */
    const char *notes[ANSWER_NOTES];
    size_t n_notes;
};

/* Endorsements that decide the same rows. */
struct answer_family {
    enum check_kind rows; /* all of that kind */
    enum instance instance;
    const char *name;                    /* of the instance, and of claims */
    enum check signature, match, owners; /* owners: the row that two owners fail */
    const char *part;                    /* for errors of all together */
    const char *owner, *hint;            /* field and hint where two owners are named */
    bool any_two; /* two owners refuse whichever is in use; else those that contradict it */
    /* revoke takes back what the revocation lists name or could name. */
    void (*revoke)(const struct endorsement *e, const struct question *q, struct answer *x);
    /* name says whether one contradicts others; NULL: its answer said so. */
    void (*name_owner)(const struct endorsement *e, const struct question *q, struct answer *x);
    /* beside sets n answers against each other; NULL: they do not speak of each other. */
    void (*beside)(struct answer *const *v, size_t n);
};

/* answer_all decides the rows and claims of a family in r from those of it among e. Where memory
 * ends before each was judged none counts. */
void answer_all(const struct answer_family *of, const struct endorsements *e,
                const struct question *q, struct result *r);

/*
 * answer_settle writes the family's rows and claims from n answers: those of the one that holds
 * most rows, the first of equals; none (n 0): not-run. Two owners fail the row of->owners as a
 * duplicate. Returns the answer in use, or NULL.
 */
const struct answer *answer_settle(const struct answer_family *of, const struct answer *const *v,
                                   size_t n, struct claims *c, struct findings *f);

/* answer_begin makes an answer that says nothing yet. */
void answer_begin(struct answer *x, const struct answer_family *of, const struct question *q,
                  const char *part);

/* answer_fail records a failure of a row, with finding_fail's arguments; returns false. */
bool answer_fail(struct answer *x, enum check c, enum situs_code code, const char *field,
                 const char *expected, const char *got, const char *hint);

/* answer_skip records why a row did not run; returns false. */
bool answer_skip(struct answer *x, enum check c, const char *reason);

/* answer_note adds a sentence for the report, which must outlive the answer; NULL is none. */
void answer_note(struct answer *x, const char *note);

/* answer_held is how many of the family's rows hold. */
size_t answer_held(const struct answer *x, const struct answer_family *of);

#endif
