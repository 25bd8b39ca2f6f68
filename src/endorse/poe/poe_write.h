/* Writing of ownership endorsements, for programs that issue them; deterministic CBOR (RFC 8949,
 * 4.2.1). Sections are those of draft-bzb-rats-intel-poe-endorsements-02. */
#ifndef SITUS_ENDORSE_POE_POE_WRITE_H
#define SITUS_ENDORSE_POE_POE_WRITE_H

#include "crypto/cose_write.h"
#include "endorse/poe/poe.h"

#define POE_LIFE_DEFAULT (30 * 86400) /* seconds; DESIGN: ownership, 5 says why so short */

/* What an issuer states. */
struct poe_terms {
    struct span piid;        /* 16 or 32 bytes */
    struct span owner;       /* 1 to POE_OWNER_MAX bytes of UTF-8 */
    struct span iss;         /* UTF-8; empty: the leaf's common name */
    struct span refresh_uri; /* absolute URI; empty: none */
    int64_t not_before;
    int64_t not_after;        /* 0: POE_LIFE_DEFAULT after not_before */
    const struct span *certs; /* DER, leaf first; only the root may be missing */
    size_t n_certs;
    bool es384;           /* algorithm -35 for old readers, instead of -51 */
    bool kid_unprotected; /* kid in the other header (section 3.2 allows either) */
};

/*
 * poe_write writes the signed endorsement of the terms. The window is cut to the time that all
 * certificates share; ids are derived (section 3.5.1). Fails when a term breaks the format, the key
 * is not the leaf's, the leaf may not sign, no time is left (field "window"), or w is full
 * (no-memory). What is written was read back before.
 */
bool poe_write(struct wr *w, const struct poe_terms *t, const struct sign_key *key,
               const char *part, struct situs_err *err);

/* poe_write_payload writes the payload alone: platform, owner and window, under derived ids; false
 * when w is full. */
bool poe_write_payload(struct wr *w, struct span piid, struct span owner, struct window valid);

/* poe_write_headers writes the protected header; kid and refresh_uri may be empty. */
bool poe_write_headers(struct wr *w, int64_t alg, struct span kid, struct span iss,
                       struct span refresh_uri);

#endif
