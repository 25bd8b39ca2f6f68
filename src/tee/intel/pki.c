/* Look-ups in verified Intel issuers and CRLs; see pki.h. */
#include "tee/intel/pki.h"

const struct intel_issuer *intel_pki_issuer(const struct intel_pki *pki, struct span der)
{
    for (size_t i = 0; i < pki->n_issuers; i++)
        if (span_equal(pki->issuers[i].cert.der, der))
            return &pki->issuers[i];
    return NULL;
}

const struct intel_crl *intel_pki_crl(const struct intel_pki *pki,
                                      const struct intel_issuer *issuer)
{
    for (size_t i = 0; i < pki->n_crls; i++) {
        const struct intel_issuer *by = pki->crls[i].issuer;
        if (memcmp(by->anchor_sha256, issuer->anchor_sha256, 32) == 0 &&
            span_equal(by->cert.subject, issuer->cert.subject))
            return &pki->crls[i].crl;
    }
    return NULL;
}

const struct intel_crl *intel_pki_loose_crl(const struct intel_pki *pki,
                                            const struct intel_cert *issuer, bool *named)
{
    const struct intel_crl *found = NULL;
    struct p256_key *key = NULL;
    *named = false;
    for (size_t i = 0; !found && i < pki->n_loose; i++) {
        const struct intel_crl *crl = &pki->loose[i];
        if (!span_equal(crl->issuer, issuer->subject))
            continue;
        *named = true;
        key = key ? key : p256_key_new(issuer->point);
        if (key && intel_crl_signed_by(crl, issuer, key))
            found = crl;
    }
    p256_key_free(key);
    return found;
}
