/*
 * Tokens of Microsoft Azure Attestation (DESIGN: other verifiers): compact JWS of RS256 (RFC 7515, RFC 7518
 * 3.3) whose claims (RFC 7519) name the quote that they were given for. Format: learn.microsoft.com,
 * azure/attestation, claim-sets and trust-domain-extensions-eat-profile.
 */
#ifndef SITUS_ENDORSE_VOUCH_MAA_TOKEN_H
#define SITUS_ENDORSE_VOUCH_MAA_TOKEN_H

#include "endorse/vouch/vouching.h"

/* maa_token_is says that the payload of a compact JWS names an attestation type of MAA's, whoever
 * signed it, and however. */
bool maa_token_is(struct span token);

/* maa_token_read takes a token apart, into the arena; nothing is verified. Fields as jws_read_rsa, and
 * the claims by their own names. One of an ordinary VM, or of an enclave, is unsupported. */
bool maa_token_read(struct vouched *v, struct span token, struct arena *a, const char *part,
                    struct situs_err *err);

#endif
