/*
 * The claims of an EAR (draft-ietf-rats-ear-04) that writers and readers name alike, and situs' own
 * beside them, at the top level, where a proxy that matches scalars alone finds them.
 */
#ifndef SITUS_EAR_EAR_NAMES_H
#define SITUS_EAR_EAR_NAMES_H

#include "base/span.h"

#define EAR_TYP "eat+jwt"         /* RFC 9711 and draft-ietf-rats-eat-media-type: a JWT of an EAT */
#define EAR_POLICY "situs_policy" /* SHA-256 of the policy, hex */
#define EAR_POLICY_NAME "situs_policy_name" /* as the service calls it */
#define EAR_CHANNEL "situs_channel" /* K, hex: SHA-256 of the channel's SubjectPublicKeyInfo */
#define EAR_SIMULATED "situs_simulated"
#define EAR_BEARER "situs_bearer"
#define EAR_JUDGES "situs_judges"
#define EAR_BUILDS "situs_builds" /* of which the judges were */
#define EAR_CHALLENGER "situs_challenger"
#define EAR_CONTINUITY "situs_continuity" /* of continuous: since when, and how gapless */

enum ear_dialect_id {
#define DIALECT(id, word, profile, status, verifier, vector, policy, attester, added, tee, first) \
    EAR_##id,
#include "ear/ear_dialects.def"
#undef DIALECT
    EAR_DIALECTS
};

/* What a profile calls its claims (ear_dialects.def). */
struct ear_dialect {
    const char *word, *profile;
    const char *status, *verifier, *vector, *policy, *attester, *added, *tee;
    bool first; /* draft-04: policies are a list, and a vector has what is claimed alone */
};

extern const struct ear_dialect ear_dialects[EAR_DIALECTS];

/* ear_dialect_of is the dialect of a profile; NULL: none. */
const struct ear_dialect *ear_dialect_of(struct span profile);

#define EAR_NONCE_MIN 8 /* bytes of eat_nonce (RFC 9711, 4.1) */
#define EAR_NONCE_MAX 64

#define EAR_PROOF_NAME 40 /* bytes, with the zero byte */

/* ear_proof_name writes the claim of a proof, "situs_host_measured" of "host-measured", and returns
 * it. */
char *ear_proof_name(char claim[EAR_PROOF_NAME], const char *proof);

#endif
