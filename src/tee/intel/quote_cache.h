/* What the cache of quote verification holds; used by quote_verify.c alone. */
#ifndef SITUS_TEE_INTEL_QUOTE_CACHE_H
#define SITUS_TEE_INTEL_QUOTE_CACHE_H

#include "tee/intel/pck_chain.h"
#include "tee/intel/quote_verify.h"

/* A PCK chain whose two signatures hold under the root in it. Whether that root is an anchor, and
 * times and revocation, are asked anew at each use. */
struct quote_chain {
    struct pck_chain pck;
    struct pck_info info;
    struct p256_key *key; /* of the PCK certificate */
};

/* quote_cache_chain finds a chain by the SHA-256 of its bytes; NULL when not kept. */
const struct quote_chain *quote_cache_chain(struct quote_cache *cache, const uint8_t id[32]);

/* quote_cache_keep_chain copies a chain, certificates included, and owns its key from then on;
 * false, and nothing kept, when its certificates are too large for a slot. */
bool quote_cache_keep_chain(struct quote_cache *cache, const uint8_t id[32],
                            const struct quote_chain *chain);

/* quote_cache_key finds a vouched attestation key by its id (quote_verify.h); NULL when not
 * kept. */
const struct p256_key *quote_cache_key(struct quote_cache *cache, const uint8_t id[32]);

/* quote_cache_keep_key keeps and owns the key. */
void quote_cache_keep_key(struct quote_cache *cache, const uint8_t id[32], struct p256_key *key);

#endif
