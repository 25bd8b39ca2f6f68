/*
 * Claims: what evidence says, one set an instance. A claim's authority is the anchor in which the
 * verified chain ended; a set without authority matches nothing and is not shown.
 */
#ifndef SITUS_MODEL_CLAIMS_H
#define SITUS_MODEL_CLAIMS_H

#include "crypto/x509_crl.h"
#include "model/trust.h"

enum claim_type {
    CLAIM_IS_BYTES,
    CLAIM_IS_NUM,
    CLAIM_IS_TEXT,
    CLAIM_IS_TIME,
    CLAIM_IS_FLAG,
    CLAIM_IS_WORDS
};

enum claim_id {
#define CLAIM(id, type, name, sentence) CLAIM_##id,
#include "model/claims.def"
#undef CLAIM
    CLAIM_COUNT
};

struct claim {
    bool set;
    union {
        struct span bytes; /* BYTES, TEXT */
        int64_t num;       /* NUM (bit pattern of u64), TIME, FLAG */
        struct {
            const struct span *v;
            size_t n;
        } words;
    };
};

struct claims {
    const char *instance;           /* "tdx", "sgx", "tpm.guest", "tpm.platform" */
    const struct anchor *authority; /* NULL until the chain and the signature hold */
    struct x509_issuers issuers;    /* who stands between the signer and it; none: not told */
    struct claim v[CLAIM_COUNT];
};

/* One row of claims.def. */
struct claim_row {
    const char *name, *sentence;
    enum claim_type type;
};
const struct claim_row *claim_row(enum claim_id id);

static inline void claim_bytes(struct claims *c, enum claim_id id, struct span s)
{
    c->v[id].set = true;
    c->v[id].bytes = s;
}

static inline void claim_num(struct claims *c, enum claim_id id, int64_t v)
{
    c->v[id].set = true;
    c->v[id].num = v;
}

static inline void claim_words(struct claims *c, enum claim_id id, const struct span *v, size_t n)
{
    c->v[id].set = true;
    c->v[id].words.v = v;
    c->v[id].words.n = n;
}

/* claims_get is a claim that is set in a set with authority, or NULL. */
static inline const struct claim *claims_get(const struct claims *c, enum claim_id id)
{
    return c->authority && c->v[id].set ? &c->v[id] : NULL;
}

#endif
