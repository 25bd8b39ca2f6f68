/* What a policy signs with: each policy is an issuer of tokens, with a key of its own. */
#ifndef SITUS_SERVE_KEEPER_ISSUER_H
#define SITUS_SERVE_KEEPER_ISSUER_H

#include "serve/world/serve_config.h"
#include "serve/world/talk.h"
#include "token/token.h"

#define KEEPER_ISSUER_KEYS_SECONDS 300 /* for which a JWKS may be kept by who fetched it */

struct keeper_issuer {
    char issuer[TALK_TEXT];
    const struct serve_policy *policy;
    struct sign_key *key, *next, *last; /* published before it signs, and after; NULL: none */
};

/* keeper_issuer_load reads the keys of policy n, where it has some, or, behind the last, those of the alliance's signer; those
 * before it are there, and none of all is another's: a token of the laxest would be every one's. */
#define KEEPER_ISSUERS (SERVE_POLICIES + 1)
bool keeper_issuer_load(struct keeper_issuer *all, size_t n, const struct serve_config *c,
                        struct situs_err *err);

/* keeper_issuer_free accepts the zero state. */
void keeper_issuer_free(struct keeper_issuer *i);

/* What a token is made of. */
struct keeper_signing {
    const struct token_record *record;
    const uint8_t *policy_sha256,
        *entered;            /* 32 bytes each: of the policy; N, as the judges were told */
    const uint8_t *id;       /* 16 bytes: jti */
    struct span party_nonce; /* may be empty */
    size_t judges, builds;   /* whose records agreed, and of how many builds they were */
    bool party_challenge;    /* N is the relying party's */
    struct token_span span;
};

/* keeper_issuer_sign is a token as sealed memory; keeper_issuer_keys the JWKS: the keys that sign now, next, and did before. -1 and
 * err on failure. */
int keeper_issuer_sign(const struct keeper_issuer *i, const struct keeper_signing *s,
                       struct situs_err *err);
int keeper_issuer_keys(const struct keeper_issuer *i, struct situs_err *err);

#endif
