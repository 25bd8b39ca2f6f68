/*
 * The envelope of our own signed lists: a COSE_Sign1 (RFC 9052 4.2) whose protected header holds
 * the algorithm and the content type, and whose unprotected header holds the signer's certificates
 * (x5chain, RFC 9360 2), leaf first. Nothing else may be in either (DESIGN: machine lists).
 */
#ifndef SITUS_ENDORSE_SIGNED_DOC_H
#define SITUS_ENDORSE_SIGNED_DOC_H

#include "base/time.h"
#include "crypto/cose.h"
#include "crypto/x509.h"
#include "model/trust.h"

#define SIGNED_DOC_SUBJECT 200

/* What was verified of a document once, by signed_doc_know; never changed after. */
struct signed_doc_known {
    struct trust_mark trust;           /* whose anchors these chains end in */
    struct x509_known by_list, by_poe; /* the signer's chain, for the two uses of anchors */
    bool holds; /* the signature, under the leaf's key, which is for signing alone */
    char subject[SIGNED_DOC_SUBJECT]; /* of the leaf, by x509_subject */
};

struct signed_doc {
    const char *part;
    struct cose cose;
    int64_t alg;
    struct span chain[LIMIT_CHAIN_CERTS]; /* DER, leaf first */
    size_t n_chain;
    const struct signed_doc_known *known; /* NULL: nothing */
};

/* signed_doc_read reads the envelope in the deterministic encoding. Views into in; nothing is
 * verified. Fields as cose_read, with alg, content_type and x5chain. */
bool signed_doc_read(struct signed_doc *d, struct span in, const char *content_type,
                     const char *part, struct situs_err *err);

/* 9999-12-31T23:59:59Z: the last time with four digits of year (RFC 3339 5.6). */
#define SIGNED_DOC_TIME_MAX 253402300799

/*
 * The members that both lists have. Each reads its key, which must be the next one (else missing),
 * and its value: a number of 1 or more and 63 bits; a time; thisUpdate and a later nextUpdate, Unix
 * seconds up to SIGNED_DOC_TIME_MAX; text of 1 to LIMIT_LIST_TEXT bytes.
 */
void signed_doc_key(struct cbor *c, int64_t key, const char *field);
void signed_doc_number(struct cbor *c, int64_t key, uint64_t *number);
int64_t signed_doc_time(struct cbor *c, int64_t key, const char *field);
void signed_doc_window(struct cbor *c, int64_t this_update, int64_t next_update,
                       struct window *valid);
struct span signed_doc_text(struct cbor *c, int64_t key, const char *field);

/* signed_doc_older says that more than amount units have passed from a time until another. */
bool signed_doc_older(int64_t at, int64_t from, int64_t amount, int64_t unit);

/* Whose word counts, and at what time. */
struct signed_doc_rules {
    const struct trust *trust;
    enum anchor_use use;
    struct x509_crls *crls; /* of the whole appraisal; NULL: none */
    bool own_crls_alone;    /* those of the bundle are passed over */
    bool require_crl;
    int64_t bundle_crl_days; /* x509_question's */
    int64_t at;
};

/* What the signer's certificates say, beside that they are good. anchor: also where a chain leads
 * to one and something else is wrong; NULL: none. */
struct signed_doc_signer {
    const struct anchor *anchor;
    struct x509_issuers issuers;      /* between leaf and anchor; none without an anchor */
    char subject[SIGNED_DOC_SUBJECT]; /* of the leaf, by x509_subject; empty without an anchor */
    bool crls_checked;
    int64_t until; /* from then on the chain, with its CRLs, may be no longer good */
};

/* signed_doc_verify verifies the chain to an anchor of that use and the signature. The leaf must
 * be for signing alone, its key on the algorithm's curve. On failure signer's anchor says whose
 * the document would be. */
bool signed_doc_verify(const struct signed_doc *d, const struct signed_doc_rules *rules,
                       struct signed_doc_signer *signer, struct arena *a, struct situs_err *err);

/*
 * signed_doc_know verifies the signature and, as of a time at which the signer's certificates
 * should be good, its chain to the anchors of both uses; it keeps what holds in d->known, in the
 * arena. signed_doc_verify then asks neither again under the same trust; times, CRLs and policy it
 * asks anew. What does not hold is verified again where it is asked. False: no memory.
 */
bool signed_doc_know(struct signed_doc *d, const struct trust *trust, int64_t at, struct arena *a);

#endif
