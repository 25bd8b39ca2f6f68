/* Issuers of ownership endorsements whose chains were verified, in a fixed number of slots. */
#ifndef SITUS_ENDORSE_POE_ISSUER_CACHE_H
#define SITUS_ENDORSE_POE_ISSUER_CACHE_H

#include "crypto/x509_crl.h"
#include "endorse/poe/poe.h"

/* A leaf whose chain holds under the root in it. Whether that root is an anchor, and the time, are
 * asked anew at each use; where a CRL of one of its issuers is given, or CRLs are demanded, the
 * chain is verified anew. */
struct poe_issuer {
    struct x509_issuers issuers;
    uint8_t anchor[32];     /* SHA-256 of the root */
    struct window valid;    /* of every certificate, sent or in the chain */
    struct public_key *key; /* of the leaf */
    uint8_t thumbprint[POE_KID_SIZE];
    char subject[200]; /* of the leaf */
};

/* One cache belongs to one thread at a time. */
struct issuer_cache;

/* issuer_cache_size is the memory that so many slots need. */
size_t issuer_cache_size(size_t slots);

/* issuer_cache_new makes a cache of at least one slot in memory of that size. */
struct issuer_cache *issuer_cache_new(void *memory, size_t slots);

/* issuer_cache_free frees the keys; NULL is accepted. */
void issuer_cache_free(struct issuer_cache *cache);

/* issuer_cache_count: uses of the keys count in hot (hot_keys.h), which outlives the cache
 * (NULL is accepted); issuer_cache_hot is where they do, NULL: nowhere. */
void issuer_cache_count(struct issuer_cache *cache, struct hot_keys *hot);
struct hot_keys *issuer_cache_hot(const struct issuer_cache *cache);

/* issuer_cache_find finds an issuer by the SHA-256 of its x5chain; NULL when not kept. */
const struct poe_issuer *issuer_cache_find(struct issuer_cache *cache, const uint8_t id[32]);

/* issuer_cache_keep copies the issuer into the slot of the oldest use and owns its key from then
 * on. */
const struct poe_issuer *issuer_cache_keep(struct issuer_cache *cache, const uint8_t id[32],
                                           const struct poe_issuer *issuer);

#endif
