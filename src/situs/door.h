/* What the public handles of situs.h are. Who includes this stands behind the door. */
#ifndef SITUS_SITUS_DOOR_H
#define SITUS_SITUS_DOOR_H

#include "base/item.h"
#include "endorse/endorsement.h"
#include "model/result.h"
#include "model/seen.h"
#include "situs/collateral_hash.h"
#include "tee/tee.h"

struct ak_cache;
struct hot_keys;
struct issuer_cache;
struct key_cache;
struct quote_cache;

struct situs_trust {
    struct trust trust;
};

struct situs_policy {
    struct policy policy;
};

struct situs_snapshot {
    struct tee_collateral collateral;
    struct collateral_hash *hash; /* of its items: situs_result_sha256 */
    bool freed;
};

struct situs_endorsements {
    struct endorsements words;
    uint8_t sha256[SITUS_ENDORSEMENTS][32]; /* of each item */
    size_t n;
    bool freed;
};

struct situs_context {
    struct quote_cache *cache;
    struct ak_cache *ak_certs;
    struct key_cache *ak_keys;
    struct issuer_cache *issuers;
    struct hot_keys *hot; /* of all of them */
};

struct situs_result {
    struct result result;
    struct situs_request asked;
};

/* door_result is the result that this is the first member of. */
static inline const struct situs_result *door_result(const struct result *r)
{
    return (const struct situs_result *)r;
}

/* door_trust is the anchors of a trust store; NULL: the built-in ones. */
static inline const struct trust *door_trust(const struct situs_trust *trust)
{
    return trust ? &trust->trust : trust_builtin();
}

/* door_context is what was verified before; of a request without a context, nothing. */
static inline const struct situs_context *door_context(const struct situs_request *q)
{
    static const struct situs_context none = {.cache = NULL};
    return q->context ? q->context : &none;
}

/* door_seen is the numbers of lists that the caller saw before. */
static inline struct seen door_seen(const struct situs_request *q)
{
    return (struct seen){q->list_seen, q->n_list_seen};
}

#endif
