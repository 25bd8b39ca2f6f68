/*
 * What the servers of the Proof of Cloud alliance answer, from one signer (proofofcloud/trust-server, src/services.js: processQuote,
 * verifyToken; check_quote.sh): a JWT that says which machine made a quote, and that a list holds it. It is no EAR and
 * cannot be taken for one: typ, key and audience are its own. It speaks of a quote, not of a live machine.
 */
#ifndef SITUS_TOKEN_ALLIANCE_JWT_H
#define SITUS_TOKEN_ALLIANCE_JWT_H

#include "base/span.h"
#include "token/token.h"

#define ALLIANCE_JWT_TYP "situs-alliance+jwt"
#define ALLIANCE_JWT_ANSWER (2 * TOKEN_MAX) /* bytes of an answer, with its zero byte */

/* What the keeper knows. Texts are not empty. */
struct alliance_jwt_facts {
    const char *issuer, *audience;
    const char *moniker; /* the signer's name among others, which have other keys */
    int64_t ends;        /* of all that the policy rests on, Unix seconds */
    uint8_t id[16];      /* jti: random, of this token alone */
};

/*
 * alliance_jwt_write answers POST /get_jwt: machineId, label, jwt, moniker and nonce, with a zero byte, in text of
 * ALLIANCE_JWT_ANSWER bytes. The token ends TOKEN_LIFE after the appraisal, or with what it rests on. The record must be of a
 * listed machine (not-allowed); something must be left of its time (expired).
 */
SITUS_MUST_CHECK bool alliance_jwt_write(const struct sign_key *key,
                                         const struct token_record *record,
                                         const struct alliance_jwt_facts *facts, char *text,
                                         struct situs_err *err);

/* alliance_jwt_check answers POST /check_quote, unsigned: whitelisted and machine_id of a genuine machine; as alliance_jwt_write. */
SITUS_MUST_CHECK bool alliance_jwt_check(const struct token_record *record, char *text,
                                         struct situs_err *err);

/* Whether a token is one, by whom, and of which quote. */
struct alliance_jwt_asked {
    struct span token, keys, quote; /* keys: JWKS */
    const char *issuer, *audience;
    int64_t at;
};
struct alliance_jwt_said {
    char key[64]; /* kid of that which signed it */
    char label[RECORD_LABEL];
};

/* alliance_jwt_verify reads a token of alliance_jwt_write; memory has SITUS_TOKEN_MEMORY bytes. False: err says what is
 * against it. */
SITUS_MUST_CHECK bool alliance_jwt_verify(const struct alliance_jwt_asked *asked,
                                          struct situs_memory memory,
                                          struct alliance_jwt_said *said, struct situs_err *err);

#endif
