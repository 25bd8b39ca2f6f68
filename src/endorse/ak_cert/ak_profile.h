/*
 * What is asked of a provider's AK certificates (DESIGN: attestation key, 3). A profile is rows of
 * model/ak_profiles.def and one struct ak_profile_does in its own file.
 */
#ifndef SITUS_ENDORSE_AK_CERT_AK_PROFILE_H
#define SITUS_ENDORSE_AK_CERT_AK_PROFILE_H

#include "base/wr.h"
#include "crypto/x509.h"
#include "endorse/ak_cert/ak_cert.h"

#define AK_CERT_PART "ak_certificate" /* in errors */

/* What a profile's own rules see: a certificate that ends in an anchor of the provider's. */
struct ak_asked {
    const struct ak_cert_question *q;
    const struct anchor *anchor;
    struct span said; /* the extension's value; claims may point into it */
    struct claims *claims;
    struct findings *findings;
};

struct ak_profile_does {
    const char *eku;   /* the extended key usage that it lists */
    bool eku_optional; /* it may have no extended key usage at all */
    bool crl_required; /* whatever the policy says */
    bool padding;      /* zero bytes may follow the certificate */
    int64_t max_hours; /* of validity; 0: any */
    /* extension is what the provider says of the machine, by its OID, and how a certificate is told
     * to be of this profile; NULL: it says nothing (one profile at most). */
    const char *extension;
    /* says writes, where there is no extension, what check holds against the policy. */
    void (*says)(const struct x509 *leaf, struct wr *w);
    /* check reads the extension to its last byte, states its claims and holds them against the
     * policy; NULL: there is nothing to read. */
    bool (*check)(const struct ak_asked *x);
};

#define AK_PROFILE(id, name, word) extern const struct ak_profile_does name##_ak_profile;
#include "model/ak_profiles.def"

/* ak_profile_fail fails ak.certificate at a field of it; returns false. */
bool ak_profile_fail(const struct ak_asked *x, enum situs_code code, const char *field,
                     const char *expected, const char *got, const char *hint);

#endif
