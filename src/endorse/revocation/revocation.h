/*
 * The signed revocation list (DESIGN: revocation): what an issuer takes back before its time. It is
 * read and searched in place. A record is id || reason (1 byte) || time (8 bytes, big-endian, Unix
 * seconds); records of one kind and size are one sorted byte string.
 */
#ifndef SITUS_ENDORSE_REVOCATION_REVOCATION_H
#define SITUS_ENDORSE_REVOCATION_REVOCATION_H

#include "base/time.h"
#include "endorse/signed_doc.h"
#include "model/finding.h"
#include "model/policy.h"
#include "model/seen.h"

#define REVOCATION_TYPE "application/vnd.situs.revocation+cbor"
#define REVOCATION_PART "revocation"

/* Keys of the payload's map. Groups: [kind, id size, records], by kind and size. */
enum revocation_key {
    REVOCATION_NUMBER = 1,
    REVOCATION_THIS_UPDATE = 2,
    REVOCATION_NEXT_UPDATE = 3,
    REVOCATION_ISSUER = 4,
    REVOCATION_GROUPS = 5
};

/* REVOCATION_KIND(name, number, word): what can be revoked. Numbers are never changed. */
#define REVOCATION_KINDS(X)  \
    X(PIID, 1, "piid")       \
    X(PPID, 2, "ppid")       \
    X(CHIP_ID, 3, "chip_id") \
    X(EK, 4, "ek")           \
    X(AK_NAME, 5, "ak_name") \
    X(POE_ID, 6, "poe_id")

/* Why. Numbers are never changed. */
#define REVOCATION_REASONS(X)        \
    X(UNSPECIFIED, 0, "unspecified") \
    X(RETIRED, 1, "retired")         \
    X(SOLD, 2, "sold")               \
    X(LOST, 3, "lost")               \
    X(REPLACED, 4, "replaced")       \
    X(COMPROMISED, 5, "compromised")

enum revocation_kind {
#define X(name, number, word) REVOCATION_##name = number,
    REVOCATION_KINDS(X)
#undef X
};

enum revocation_reason {
#define X(name, number, word) REVOCATION_REASON_##name = number,
    REVOCATION_REASONS(X)
#undef X
};

#define REVOCATION_ID_MAX 255
#define REVOCATION_GROUP_MAX 32
#define REVOCATION_TAIL 9 /* reason and time behind the id */

struct revocation_group {
    enum revocation_kind kind;
    size_t size;         /* bytes of an id */
    struct span records; /* sorted by id, each once */
};

struct revocation {
    struct signed_doc doc;
    uint64_t number;
    struct window valid; /* thisUpdate and nextUpdate */
    struct span issuer;  /* UTF-8; what the signer calls itself, decides nothing */
    struct revocation_group group[REVOCATION_GROUP_MAX];
    size_t n_groups;
};

/* revocation_kind_name is the word of a kind, as "piid"; revocation_reason_name of a reason; NULL
 * for a number that is none. */
const char *revocation_kind_name(unsigned kind);
const char *revocation_reason_name(unsigned reason);

/*
 * revocation_read reads a list to its last byte and checks that its records are whole, sorted and
 * unique; views into in. Nothing is verified. Fields: those of signed_doc_read, number,
 * this_update, next_update, issuer, groups, kind, size, records (with the offset of the record).
 */
bool revocation_read(struct revocation *r, struct span in, struct situs_err *err);

/* One id, and what kind of id it is. */
struct revocation_id {
    enum revocation_kind kind;
    struct span id;
};

/* revocation_find says that the list names the whole id; reason and time are the record's. */
bool revocation_find(const struct revocation *r, const struct revocation_id *id,
                     enum revocation_reason *reason, int64_t *time);

/* Who signed a list, asked once: zero, not asked yet. anchor: whose it is, or would be if it held;
 * NULL where its chain leads to none. */
struct revocation_signer {
    bool asked, holds;
    const struct anchor *anchor;
    struct x509_issuers issuers;
    char subject[SIGNED_DOC_SUBJECT];
    int64_t until;        /* signed_doc_signer's; where it holds */
    struct situs_err why; /* why it does not hold */
};

/* By its certificates and signature alone, and by all that the policy asks, CRLs among it. */
struct revocation_signers {
    struct revocation_signer alone, checked;
};

struct revocation_question {
    const struct revocation *const *lists; /* as they were given, of any issuer */
    const bool *sent;                      /* as many: it came in the bundle; NULL: none did */
    size_t n_lists;
    struct revocation_signers *signers; /* as many, for this use and appraisal; NULL: none kept */
    const struct revocation_id *ids;    /* empty ids are passed over */
    size_t n_ids;
    const struct anchor *issuer;      /* who vouched: only its own list can take back */
    const struct x509_issuers *chain; /* through whom; NULL: not told */
    enum anchor_use use;
    struct x509_crls *crls; /* of the whole appraisal; NULL: none */
    const struct trust *trust;
    const struct policy *policy;
    int64_t at;
    struct seen seen; /* numbers of lists that the caller saw before */
    struct arena *arena;
};

/* revocation_denied says that the policy itself denies one of the ids, and describes it in err,
 * which must be empty. */
bool revocation_denied(const struct revocation_question *q, struct situs_err *err);

/*
 * revocation_named says that a list of the issuer names one of the ids, stale or not, and whatever
 * became of its signer since: what was taken back stays so. It describes the record in err, which
 * must be empty. Where nobody can tell whose a list is, it says yes too.
 */
bool revocation_named(const struct revocation_question *q, struct situs_err *err);

/*
 * revocation_ends says that what the issuer vouched for contradicts nobody any more: the policy
 * denies one of the ids, or a list of the issuer's names one. One that came in the bundle ends
 * nothing that the caller holds unless it would clear, too: by a good signer, in its time, and the
 * newest of his. An old one names who was lost and found.
 */
bool revocation_ends(const struct revocation_question *q);

/*
 * revocation_check decides poe.revoked. It fails for an id that the policy denies or the issuer's
 * list names, and where a list as new as one seen is missing: each of the issuer's signers counts
 * by itself. Without a current list of the issuer, by a signer who is good in all that the policy
 * asks, it is not run, unless the policy says that there is none
 * ("source": none, or unchecked_issuers): then it passes. Returns a sentence for the report, or
 * NULL; seen is what to give as --list-seen next time, in the arena, empty without a list that
 * clears.
 */
const char *revocation_check(const struct revocation_question *q, struct span *seen,
                             struct findings *f);

#endif
