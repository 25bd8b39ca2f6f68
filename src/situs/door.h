/* What the public handles of situs.h are. Who includes this stands behind the door. */
#ifndef SITUS_SITUS_DOOR_H
#define SITUS_SITUS_DOOR_H

#include "endorse/ak_cert/ak_cert.h"
#include "endorse/intel/snapshot.h"
#include "endorse/poe/issuer_cache.h"
#include "evidence/tdx/quote_cache.h"
#include "model/result.h"

struct situs_trust {
    struct trust trust;
};

struct situs_policy {
    struct policy policy;
};

struct situs_snapshot {
    struct snapshot snapshot;
};

struct situs_context {
    struct quote_cache *cache;
    struct ak_cache *ak_certs;
    struct key_cache *ak_keys;
    struct issuer_cache *issuers;
};

struct situs_result {
    struct result result;
};

/* No pointer is no bytes, whatever the size says: refused as empty where it is read. */
static inline struct span item_span(struct situs_item item)
{
    return span_of(item.p, item.p ? item.size : 0);
}

/* trust_or_builtin is the anchors of a trust store that may be NULL. */
static inline const struct trust *trust_or_builtin(const struct situs_trust *trust)
{
    return trust ? &trust->trust : trust_builtin();
}

#endif
