/*
 * The TEE row: what the maker of a kind of TEE supplies to one appraisal. A maker is a row of makers.def and one
 * struct tee_maker in his own room; his kinds are rows of model/tees.def.
 */
#ifndef SITUS_TEE_TEE_H
#define SITUS_TEE_TEE_H

#include "tee/amd/amd_collateral.h"
#include "tee/amd/snp_report.h"
#include "tee/intel/quote_verify.h"
#include "tee/intel/snapshot.h"

struct hot_keys;
struct tee_maker;

/* One piece of evidence of a TEE, read and not believed. Zero: none. */
struct tee_evidence {
    const struct tee_maker *maker; /* NULL: none was read */
    enum check_kind kind;          /* of model/tees.def */
    struct span whole; /* all that its signature covers and the signature: what others commit to */
    size_t padding;    /* zero bytes after it */
    union {
        struct quote quote;       /* intel */
        struct snp_report report; /* amd */
    };
};

/* Collateral of every maker, verified once, immutable; times are asked at each use. */
struct tee_collateral {
    struct snapshot intel;
    struct amd_collateral amd;
};

/* What evidence is held against. */
struct tee_question {
    const struct trust *trust;
    const struct tee_collateral *collateral; /* NULL: none */
    const struct tee_collateral *early;      /* what the maker will hold platforms to; NULL: none */
    const struct x509_crls *crls; /* of others, which may concern the maker's chains too */
    struct quote_cache *cache;    /* NULL: nothing is remembered */
    struct hot_keys *hot;         /* NULL: uses of keys are not counted */
    const struct policy *policy;
    int64_t at;
};

struct tee_maker {
    /* is says that bytes begin as this maker's evidence does. */
    bool (*is)(struct span bytes);
    /* read reads it to the last byte into e, whose maker is set. */
    bool (*read)(struct tee_evidence *e, struct span bytes, struct situs_err *err);
    /* claims states what it says; no authority yet. */
    void (*claims)(const struct tee_evidence *e, struct claims *c);
    /* verify decides signature, chain and attributes, states what the chain says (the machine's ids
     * among it) and sets the authority where signature and chain hold. Returns a word about what was
     * accepted, a literal, or NULL. */
    const char *(*verify)(const struct tee_evidence *e, const struct tee_question *q,
                          struct arena *a, struct claims *c, struct findings *f);
    /* rate decides the tcb row; returns as verify. */
    const char *(*rate)(const struct tee_evidence *e, const struct tee_question *q,
                        struct claims *c, struct findings *f);
    /* takes says that an item of collateral is this maker's; load reads and verifies his items, and
     * free frees what it made, also after failure; reads says that they read. */
    bool (*takes)(struct span bytes, struct arena *a);
    bool (*load)(struct tee_collateral *c, const struct situs_item *items, size_t n,
                 const struct trust *trust, struct arena *a, struct situs_err *err);
    bool (*reads)(const struct situs_item *items, size_t n, const struct trust *trust,
                  struct arena *a, struct situs_err *err);
    void (*free)(struct tee_collateral *c);
};

#define MAKER(name) extern const struct tee_maker name##_maker;
#include "tee/makers.def"
#undef MAKER

/* tee_is says that bytes begin as evidence of some maker does. */
bool tee_is(struct span bytes);

/* tee_read reads evidence of whatever maker. Zero bytes after it are counted in padding, anything
 * else there is refused. Nothing is verified. */
bool tee_read(struct tee_evidence *e, struct span bytes, struct situs_err *err);

/* tee_collateral_load reads and verifies items, each by the maker whose it is, into the arena. Free
 * with tee_collateral_free, also after failure. tee_collateral_reads says that they read, before any
 * signature is asked. */
bool tee_collateral_load(struct tee_collateral *c, const struct situs_item *items, size_t n,
                         const struct trust *trust, struct arena *a, struct situs_err *err);
bool tee_collateral_reads(const struct situs_item *items, size_t n, const struct trust *trust,
                          struct arena *a, struct situs_err *err);
void tee_collateral_free(struct tee_collateral *c);

#endif
