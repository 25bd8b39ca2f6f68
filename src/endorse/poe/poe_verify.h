/* Decides poe.signature, poe.window, poe.match and poe.owner (DESIGN: ownership). */
#ifndef SITUS_ENDORSE_POE_POE_VERIFY_H
#define SITUS_ENDORSE_POE_POE_VERIFY_H

#include "crypto/x509.h"
#include "endorse/answer.h"
#include "endorse/poe/issuer_cache.h"

#define POE_INSTANCE "poe"

/* The family of ownership endorsements: the claims "poe". */
extern const struct answer_family poe_family;

/* What was verified of an endorsement once, by poe_know; never changed after. */
struct poe_known {
    struct trust_mark trust;          /* whose anchors for POE the chain ends in */
    struct x509_known chain;          /* of the issuer */
    uint8_t thumbprint[POE_KID_SIZE]; /* of the key under which the signature holds */
    bool holds;
};

/* poe_know verifies signature and chain and keeps what holds in p->known, in the arena; poe_verify
 * then asks neither again under the same trust; times, CRLs and policy it asks anew. False: no
 * memory. */
bool poe_know(struct poe *p, const struct trust *trust, struct arena *a);

/* One endorsement and what it is judged by. */
struct poe_question {
    const struct poe *poe;
    const struct trust *trust;   /* its anchors for POE count */
    const struct policy *policy; /* NULL: none, nothing more is demanded */
    struct x509_crls *crls;      /* of the whole appraisal; NULL: none */
    bool own_crls_alone;         /* those of the bundle are passed over */
    struct issuer_cache *cache;  /* or NULL */
    int64_t at;
    const char *part; /* for messages */
};

/*
 * poe_verify decides poe.signature and poe.window, and fills the claims; they have authority, the
 * issuer's anchor, only when both hold. Claims point into the endorsement and the arena. Outside of
 * its window nothing is said about the signature.
 */
void poe_verify(const struct poe_question *q, struct arena *a, struct claims *c,
                struct findings *f);

/* poe_match decides poe.match: the platform instance id that the verified quote of tee has is the
 * endorsement's, whole and of one length. Without either id it does not run. */
void poe_match(const struct claims *c, const struct claims *tee, const char *part,
               struct findings *f);

/* poe_owner decides poe.owner: the policy lists the issuer's anchor with exactly this owner. */
void poe_owner(const struct claims *c, const struct policy *policy, const char *part,
               struct findings *f);

#endif
