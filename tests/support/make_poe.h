/* A maker of ownership endorsements for tests: every piece of the CBOR is hex that a case replaces,
 * so that each rule of the reader meets bytes that break only it. */
#ifndef SITUS_TESTS_MAKE_POE_H
#define SITUS_TESTS_MAKE_POE_H

#include "base/span.h"

/* The pieces, in the order of their bytes; an empty text leaves one out. */
enum poe_piece {
    POE_TAG,    /* d2 */
    POE_OUTER,  /* head of the array */
    POE_P_HEAD, /* protected: head of the map */
    POE_P_ALG,  /* pairs */
    POE_P_TYPE,
    POE_P_KID, /* "kid": the right one */
    POE_P_CWT,
    POE_P_URI,
    POE_P_EXTRA,
    POE_U_HEAD, /* unprotected */
    POE_U_KID,
    POE_U_CHAIN, /* "chain": leaf and root; "leaf"; "one": an array of one */
    POE_U_EXTRA,
    POE_PAYLOAD, /* NULL: the byte string of what follows; else in its place */
    POE_Y_TAG,   /* payload */
    POE_Y_HEAD,
    POE_Y_ID,
    POE_Y_TAGS, /* up to the byte string of the CoMID */
    POE_Y_PROFILE,
    POE_Y_VALIDITY,
    POE_Y_EXTRA,
    POE_C_HEAD, /* CoMID */
    POE_C_ID,
    POE_C_TRIPLES,  /* key and head of the map of triples, key 10 and head of the list */
    POE_R_HEAD,     /* record */
    POE_R_COND,     /* head of the condition, environment */
    POE_R_COND_MAP, /* list and head of the measurement-map, mkey */
    POE_R_PIID,     /* mval and its value */
    POE_R_COND_EXTRA,
    POE_R_END,
    POE_R_END_MAP,
    POE_R_OWNER,
    POE_R_END_EXTRA,
    POE_C_EXTRA,
    POE_SIGNATURE, /* "sign": the right one */
    POE_AFTER,
    POE_PIECES
};

/* A replaced piece. */
struct poe_change {
    enum poe_piece piece;
    const char *hex;
};

/* What the issuer of the tests is: made once. */
struct make_poe_issuer {
    struct span leaf, root, key_pem;
};
const struct make_poe_issuer *make_poe_issuer(void);

/* make_poe_crl is a current CRL of its root that revokes the leaf. */
struct span make_poe_crl(void);

/* The time in which its endorsements hold. */
#define MAKE_POE_AT 1767268800 /* 2026-01-01T12:00:00Z */

/* make_poe is the endorsement with n pieces replaced; it lives until the program ends. */
struct span make_poe(const struct poe_change *changes, size_t n);

/* make_poe_at is the offset of a piece in the endorsement made last. */
size_t make_poe_at(enum poe_piece piece);

#endif
