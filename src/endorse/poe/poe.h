/*
 * Platform ownership endorsements (POE) under tag:intel.com,2026:tee.poe#1: a signed CoRIM that
 * says "the platform with this instance id belongs to this owner". Format:
 * draft-bzb-rats-intel-poe-endorsements-02; base: draft-ietf-rats-corim-11.
 */
#ifndef SITUS_ENDORSE_POE_POE_H
#define SITUS_ENDORSE_POE_POE_H

#include "base/limits.h"
#include "base/time.h"
#include "crypto/cose.h"

#define POE_PROFILE "tag:intel.com,2026:tee.poe#1."
#define POE_CONTENT_TYPE "application/rim+cbor"
#define POE_OWNER_MAX 1024   /* bytes, section 4.4 */
#define POE_REFRESH_MAX 1024 /* bytes, section 3.4 */
#define POE_KID_SIZE 48
#define POE_UUID_SIZE 16

/* An id: 16 bytes of a UUID, or text (sections 3.5.1 and 4.1). */
struct poe_id {
    struct span v;
    bool text;
};

/* One endorsement. Everything is a view into the bytes that were read. */
struct poe {
    struct span whole;
    struct cose cose;
    int64_t alg; /* COSE_ESP384 or COSE_ES384 */
    struct span content_type, kid;
    struct span iss, refresh_uri; /* UTF-8; refresh_uri empty when there is none */
    struct span x5chain;          /* encoded; certs are in it, leaf first */
    struct span certs[LIMIT_CHAIN_CERTS];
    size_t n_certs;
    struct poe_id id, tag_id;
    struct span triples;    /* encoded value of the CoMID's triples: what tag-id is derived from */
    struct window validity; /* rim-validity */
    struct span piid;       /* 16 or 32 bytes */
    struct span owner;      /* 1 to POE_OWNER_MAX bytes of UTF-8 */
    const struct poe_known *known; /* what was verified of it once (poe_verify.h); NULL: nothing */
};

/*
 * poe_read reads an endorsement of at most LIMIT_POE bytes to its last byte; nothing in it is
 * believed yet. Map keys may be in any order, each once; unknown keys are ignored where the draft
 * says so. Fields are those of the draft, as "protected.alg", "unprotected.x5chain",
 * "corim.profile", "comid.triples", "condition.piid", "endorsement.owner_name".
 */
bool poe_read(struct poe *p, struct span in, const char *part, struct situs_err *err);

#endif
