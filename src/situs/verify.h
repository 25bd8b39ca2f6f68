/* One appraisal from bytes to verdict (DESIGN: checks); verify.c reads like the protocol. */
#ifndef SITUS_SITUS_VERIFY_H
#define SITUS_SITUS_VERIFY_H

#include "endorse/ak_cert/ak_cert.h"
#include "endorse/intel/snapshot.h"
#include "endorse/poe/issuer_cache.h"
#include "evidence/tdx/quote_verify.h"
#include "model/result.h"
#include "model/seen.h"

/* One input beside the evidence; name is for messages. */
struct verify_item {
    const char *name;
    struct span bytes;
};

struct verify_request {
    struct span input;           /* a raw quote, or a bundle (CBOR or JSON): told by content */
    struct span ccel, pcr_log;   /* event logs given beside the input; empty: none */
    struct span nonce;           /* the challenge, 32 bytes; empty: not given */
    struct span channel;         /* SubjectPublicKeyInfo DER of the peer; empty: not given */
    const struct trust *trust;   /* never NULL; trust_builtin() by default */
    const struct policy *policy; /* never NULL */
    const struct verify_item *endorsements; /* of the machine, and CRLs of their issuers */
    size_t n_endorsements;
    /* Caches; NULL: nothing is remembered. */
    struct issuer_cache *issuers; /* of endorsements */
    struct ak_cache *ak_certs;
    struct key_cache *ak_keys;
    struct seen seen;      /* numbers of lists seen before */
    int64_t at;            /* time of appraisal */
    bool archived;         /* at was given: stored evidence, no live proof */
    int64_t round_trip_us; /* from challenge to evidence; 0: not measured */
};

/*
 * verify_evidence appraises the request into result. snapshot may be NULL (no collateral: the
 * checks that need it fail as missing); cache may be NULL. Everything that result points to lies in
 * the arena, the request's inputs, the snapshot or the policy. Never fails: what cannot be read is
 * in result->err.
 */
void verify_evidence(struct result *result, const struct verify_request *request,
                     const struct snapshot *snapshot, struct quote_cache *cache, struct arena *a);

/* verify_refused is the result of a request whose collateral could not be loaded: exit by err's
 * code, every check not run. */
void verify_refused(struct result *result, const struct verify_request *request,
                    const struct situs_err *err, struct arena *a);

/* verify_not_asked is the result of a request that the caller made wrongly: exit 1. */
void verify_not_asked(struct result *result, const struct verify_request *request,
                      const struct situs_err *err, struct arena *a);

#endif
