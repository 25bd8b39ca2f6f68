/* The certificate by which a provider vouches for an attestation key (DESIGN: attestation key). */
#ifndef SITUS_ENDORSE_AK_CERT_AK_CERT_H
#define SITUS_ENDORSE_AK_CERT_AK_CERT_H

#include "crypto/ak.h"
#include "crypto/x509_crl.h"
#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"

/* The certificates as they were sent, DER, and the CRLs; both may be missing. */
struct ak_cert {
    struct span leaf;
    const struct span *intermediates; /* and roots that a pin names, in any order */
    size_t n_intermediates;
    struct x509_crls *crls; /* of the whole appraisal; NULL: none */
};

/* What was accepted and deserves a word in the report. */
struct ak_cert_notes {
    const char *v[4];
    size_t n;
};

/* One cache belongs to one thread at a time. ak_cache_size is the memory that so many slots need;
 * ak_cache_new builds it there, with at least one. It holds nothing else: there is no free. */
struct ak_cache;
size_t ak_cache_size(size_t slots);
struct ak_cache *ak_cache_new(void *memory, size_t slots);

struct ak_cert_question {
    const struct ak_cert *sent;
    const struct ak *ak;
    const struct trust *trust;
    const struct policy *policy;
    int64_t at;
    struct ak_cache *cache; /* NULL: nothing is remembered */
};

/*
 * ak_cert_verify decides ak.certificate for the AK of the instance that the claims name, and states
 * the claims of the certificate. It sets the claims' authority when tpm.signature, ak.attributes
 * and ak.certificate hold: call it after tpm_quote_verify. Claims and strings point into the arena.
 */
void ak_cert_verify(const struct ak_cert_question *q, struct arena *a, struct claims *c,
                    struct ak_cert_notes *notes, struct findings *f);

#endif
