/*
 * The words of others about a machine (DESIGN: ownership, and machine lists): what each kind is told
 * by and done with. A kind is a row of model/endorsements.def and one struct endorsement_does in its
 * own file.
 */
#ifndef SITUS_ENDORSE_ENDORSEMENT_H
#define SITUS_ENDORSE_ENDORSEMENT_H

#include "base/arena.h"
#include "crypto/x509_crl.h"
#include "model/bundle.h"
#include "model/claims.h"

enum endorsement_kind {
#define ENDORSEMENT(id, name, what, bundle, source) ENDORSEMENT_##id,
#include "model/endorsements.def"
#undef ENDORSEMENT
    ENDORSEMENT_KIND_COUNT
};

/* One of them. What does not read takes its own proof away and no more, where it came in a bundle.
 */
struct endorsement {
    const char *part; /* label or file name, for messages */
    enum endorsement_kind kind;
    struct span bytes;
    bool from_bundle; /* the sender of the evidence chose it */
    const void *doc;  /* what its kind made of the bytes; NULL: nothing is kept, or why */
    const struct situs_err *why; /* why it does not read; NULL: it does */
};

struct answer;
struct answer_family;
struct question;

/* What is done with a kind. */
struct endorsement_does {
    /* is says that bytes in a file of that name look like this kind. */
    bool (*is)(const char *name, struct span bytes);
    /* read reads e->bytes to the last one and sets e->doc, in the arena. once NULL: nothing is
     * verified; else what can be verified for good (signatures, chains to these anchors) is, and
     * known from then on. */
    bool (*read)(struct endorsement *e, const struct trust *once, struct arena *a,
                 struct situs_err *err);
    /* chain is the certificates that came with one, leaf first; NULL: none do. */
    const struct span *(*chain)(const struct endorsement *e, size_t *n);
    /* tell states what one says, as claims without authority, for "situs show"; NULL: it is not
     * shown. */
    void (*tell)(const struct endorsement *e, struct claims *c);
    /* What it answers (answer.h); NULL: nothing by itself, it serves the others. */
    const struct answer_family *family;
    void (*answer)(const struct endorsement *e, const struct question *q, struct answer *out);
};

#define ENDORSEMENT(id, name, what, bundle, source) \
    extern const struct endorsement_does name##_endorsement;
#include "model/endorsements.def"
#undef ENDORSEMENT

struct endorsement_row {
    const char *what;    /* as "machine list" */
    enum item_kind item; /* what a bundle calls it; ITEM_KIND_COUNT: it never comes in one */
    const struct endorsement_does *does;
};
const struct endorsement_row *endorsement_row(enum endorsement_kind kind);

/* endorsement_is finds the kind of a file by its name and content; ENDORSEMENT_KIND_COUNT: none. */
enum endorsement_kind endorsement_is(const char *name, struct span bytes);

/* endorsement_kinds is what is expected of a file that is of no kind: each of them, with its article. */
const char *endorsement_kinds(void);

/* endorsement_is_type says that the bytes look like a COSE_Sign1 of this content type. */
bool endorsement_is_type(struct span bytes, const char *type);

/* endorsement_no_memory fails as no-memory; returns false. */
bool endorsement_no_memory(const struct endorsement *e, struct situs_err *err);

/* Those of one appraisal, in the order in which they were given. Zero: none. */
struct endorsements {
    struct endorsement v[LIMIT_ENDORSEMENTS];
    size_t n;
    struct x509_crls crls; /* those among them */
};

/* endorsements_read adds one and reads it; once is for its kind. False when there is no room, it has
 * no bytes, or the caller gave it and it does not read: err says why. */
bool endorsements_read(struct endorsements *to, struct endorsement e, const struct trust *once,
                       struct arena *a, struct situs_err *err);

/* endorsements_know judges the CRLs in it, once, under the anchors and the certificates that came
 * with the endorsements. */
void endorsements_know(struct endorsements *e, const struct trust *trust);

/* endorsements_copy begins an appraisal's own set with those that were read before. */
void endorsements_copy(struct endorsements *to, const struct endorsements *from);

/* endorsements_take adds those of a bundle, which it marks as used. */
bool endorsements_take(struct endorsements *to, struct bundle *b, struct arena *a,
                       struct situs_err *err);

#endif
