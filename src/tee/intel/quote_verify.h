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

/*
 * quote_verify decides signature, pck-chain and attributes of the quote's kind, states the claims
 * of the PCK certificate, and sets the claims' authority when signature and chain (including CRLs)
 * hold. pki and cache may be NULL: without pki the CRLs are missing and pck-chain fails with that
 * code.
 */
void quote_verify(const struct quote *q, const struct trust *trust, const struct intel_pki *pki,
                  struct quote_cache *cache, const struct policy *policy, int64_t at,
                  struct arena *a, struct claims *c, struct findings *f);

#endif
