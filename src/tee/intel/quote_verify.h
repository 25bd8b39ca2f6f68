/* Verification of an Intel quote: signature, quoting enclave, PCK chain, attributes. */
#ifndef SITUS_TEE_INTEL_QUOTE_VERIFY_H
#define SITUS_TEE_INTEL_QUOTE_VERIFY_H

#include "model/finding.h"
#include "model/policy.h"
#include "tee/intel/pki.h"
#include "tee/intel/quote.h"

/*
 * Cache of what was verified: PCK chains by the SHA-256 of their bytes and the anchor set's
 * identity, attestation keys by the SHA-256 of PCK key, QE report, its signature, attestation key
 * and auth data. A fixed number of slots, oldest use replaced. A hit never skips validity time or
 * revocation.
 */
struct quote_cache;

/* quote_cache_size is the memory a cache of so many slots needs; quote_cache_new builds it there;
 * quote_cache_free releases the OpenSSL keys. */
size_t quote_cache_size(size_t slots);
struct quote_cache *quote_cache_new(void *memory, size_t slots);
void quote_cache_free(struct quote_cache *cache);

/* quote_cache_count: uses of the keys that the cache keeps count in hot (crypto/hot_keys.h), which
 * outlives it; NULL is accepted. */
struct hot_keys;
void quote_cache_count(struct quote_cache *cache, struct hot_keys *hot);

/* What a quote is held against. */
struct quote_question {
    const struct trust *trust;
    const struct intel_pki *pki; /* NULL: the CRLs are missing, pck-chain fails with that code */
    struct quote_cache *cache;   /* NULL: nothing is remembered */
    const struct policy *policy;
    int64_t at;
};

/*
 * quote_verify decides signature, pck-chain and attributes of the quote's kind, states the claims
 * of the PCK certificate, and sets the claims' authority when signature and chain (including CRLs)
 * hold.
 */
void quote_verify(const struct quote *q, const struct quote_question *question, struct arena *a,
                  struct claims *c, struct findings *f);

#endif
