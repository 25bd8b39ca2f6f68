/*
 * QuoteCollateralV3 of dcap-qvl, the file that everybody calls collateral.json: one JSON object of
 * texts, which hold what Intel's service sent. It is split in one pass, without a tree of values.
 */
#ifndef SITUS_TEE_INTEL_QVL_H
#define SITUS_TEE_INTEL_QVL_H

#include "base/arena.h"
#include "base/err.h"

enum qvl_key {
    QVL_PCK_CRL_CHAIN,
    QVL_TCB_INFO_CHAIN,
    QVL_QE_IDENTITY_CHAIN,
    QVL_ROOT_CRL,
    QVL_PCK_CRL,
    QVL_PCK_CHAIN, /* only newer releases have it, null where there was no quote: then no bytes */
    QVL_TCB_INFO,
    QVL_QE_IDENTITY,
    QVL_TCB_INFO_SIGNATURE,
    QVL_QE_IDENTITY_SIGNATURE,
    QVL_KEYS
};

/* The texts, without escapes: spans of the input, or of the arena where there were any. */
struct qvl {
    struct span v[QVL_KEYS];
};

/* qvl_name is the name of a member. */
const char *qvl_name(enum qvl_key key);

/* qvl_read splits text, to its last byte. Every member is there once and none beside them; a text
 * may hold NUL. part names the file in errors; field is the member, "json" for syntax. */
bool qvl_read(struct qvl *out, struct span text, const char *part, struct arena *a,
              struct situs_err *err);

#endif
