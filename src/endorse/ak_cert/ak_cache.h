/* AK certificates that were verified, decoded, in a fixed number of slots; used by ak_cert.c. */
#ifndef SITUS_ENDORSE_AK_CERT_AK_CACHE_H
#define SITUS_ENDORSE_AK_CERT_AK_CACHE_H

#include "base/time.h"
#include "endorse/ak_cert/ak_cert.h"

/* What a certificate says that chains to an anchor, has its profile's usage, and is of the AK. */
struct ak_word {
    enum ak_profile profile;
    uint8_t anchor[32]; /* SHA-256 of the certificate that ends the chain */
    struct window same; /* x509_answer.same: outside of it the chain is verified anew */
    struct x509_issuers issuers;
    uint8_t crls[32]; /* x509_crls_digest of those: with others it is verified anew, too */
    int64_t not_before, not_after; /* of the certificate */
    struct ak_cert_notes notes;
    struct span extension; /* the provider's; empty: none */
};

/* ak_cache_find finds by the SHA-256 of all that the word depends on but the time and the CRLs;
 * NULL when not kept. */
const struct ak_word *ak_cache_find(struct ak_cache *cache, const uint8_t id[32]);

/* ak_cache_keep copies the word, extension included, into the slot of the oldest use. One whose
 * extension is too large for a slot is not kept. */
void ak_cache_keep(struct ak_cache *cache, const uint8_t id[32], const struct ak_word *word);

#endif
