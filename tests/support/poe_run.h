/* One made endorsement through reading and verification. */
#ifndef SITUS_TESTS_POE_RUN_H
#define SITUS_TESTS_POE_RUN_H

#include "support/test.h"

#include "crypto/digest.h"
#include "endorse/poe/poe_verify.h"
#include "support/make_poe.h"
#include "support/soft_ca.h"

struct run {
    struct poe poe;
    struct situs_err err;
    struct anchor anchor;
    struct trust trust;
    struct findings findings;
    struct claims claims, tee;
    struct policy policy;
    struct issuer_cache *cache;
    struct span crl; /* empty: none */
    int64_t at;
    uint8_t memory[65536];
    struct arena arena;
};

static inline void start(struct run *r)
{
    *r = (struct run){.anchor = {.name = "issuers", .uses = ANCHOR_POE}};
    r->anchor.der = make_poe_issuer()->root;
    assert_true(digest(HASH_SHA256, r->anchor.der, r->anchor.sha256));
    r->trust = (struct trust){.anchors = &r->anchor, .n = 1};
    r->at = MAKE_POE_AT - 3600;
}

/* Judges r->poe. */
static inline void judge(struct run *r)
{
    struct x509_crls crls;
    const struct poe_question q = {.poe = &r->poe,
                                   .trust = &r->trust,
                                   .policy = &r->policy,
                                   .crls = soft_ca_crls(&crls, &r->crl, 1),
                                   .cache = r->cache,
                                   .at = r->at,
                                   .part = "poe"};
    r->arena = arena_new(r->memory, sizeof r->memory);
    r->findings = (struct findings){.arena = &r->arena};
    r->claims = (struct claims){.instance = NULL};
    poe_verify(&q, &r->arena, &r->claims, &r->findings);
}

static inline void verify(struct run *r, struct span bytes)
{
    assert_true(poe_read(&r->poe, bytes, "poe", &r->err));
    judge(r);
}

#endif
