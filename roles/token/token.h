/*
 * Tokens: an appraisal as an EAR (draft-ietf-rats-ear-04) in a JWS (RFC 7515), which a relying party
 * checks with the issuer's public key alone. Each policy is an issuer with its own key. What a token
 * says of the evidence is the record's; all else the keeper knows himself.
 */
#ifndef SITUS_TOKEN_TOKEN_H
#define SITUS_TOKEN_TOKEN_H

#include "token/record.h"

struct sign_key; /* crypto/sign.h */

#define TOKEN_MAX (16 * 1024) /* bytes of a token, of a key set and of a discovery document */
#define TOKEN_LIFE 600        /* seconds that no token outlives its appraisal */
#define TOKEN_KEYS 8          /* of one issuer: one that signs, others before and after it */

/* The span in which the machine is that the token speaks of (DESIGN: continuity). */
struct token_span {
    int64_t since,
        until; /* Unix seconds; since 0: none. until: when it ends unless the machine answers again */
    int64_t within,
        longest_gap; /* milliseconds: H, and the longest time from a question to the next answer */
};

/* What the keeper knows. Texts are UTF-8 and not empty. */
struct token_facts {
    const char *issuer;   /* iss: BASE/p/NAME; with "simulated" in it where an anchor is */
    const char *audience; /* aud */
    const char *policy;   /* the name of the policy that was asked for */
    uint8_t policy_sha256[32];
    uint8_t nonce[32];          /* N, as the judges were told */
    const uint8_t *party_nonce; /* the relying party's own: 8 to 64 bytes; size 0: none */
    size_t party_nonce_size;
    uint8_t id[16];       /* jti: random, of this token alone */
    int64_t now;          /* Unix seconds: not before the record's time */
    int64_t life;         /* seconds, 1 to TOKEN_LIFE */
    unsigned judges;      /* that returned this record: 1 or 2 */
    unsigned builds;      /* of which these were: 1, or 2 of two judges */
    bool bearer;          /* the policy lets whoever holds the token use it */
    bool party_challenge; /* the relying party chose N: nobody knows that it is fresh */
    size_t dialect;       /* of token_dialect; 0: draft-04 */
    struct token_span span;
};

/* token_key_read reads a signing key, one PEM (ECDSA on P-256 or P-384). NULL and err on failure;
 * free with token_key_free, which accepts NULL. */
struct sign_key *token_key_read(struct situs_item pem, struct situs_err *err);
void token_key_free(struct sign_key *key);

/* token_keys_differ says that two keys are not one; false also when OpenSSL fails. */
bool token_keys_differ(const struct sign_key *a, const struct sign_key *b);

/*
 * token_write writes the token of a record, with a zero byte, into text of size bytes (TOKEN_MAX is
 * always enough). An appraisal that is trusted is affirming; any other, and one that rests on a
 * simulated anchor, is contraindicated. It ends with what the required proofs, and continuous, rest on. False, with
 * err and no token: an archived appraisal; evidence that speaks for no key; a record of another
 * policy, N or time than the keeper's; nothing left of its time.
 */
SITUS_MUST_CHECK bool token_write(const struct sign_key *key, const struct token_record *record,
                                  const struct token_facts *facts, char *text, size_t size,
                                  struct situs_err *err);

/* token_keys_write writes the key set (RFC 7517, 5) of n keys' public halves, as token_write. */
SITUS_MUST_CHECK bool token_keys_write(const struct sign_key *const *keys, size_t n, char *text,
                                       size_t size, struct situs_err *err);

/* token_discovery_write writes what clients of OpenID Connect Discovery 1.0 (4.2) read of an issuer:
 * where its keys are, by which algorithm it signs. */
SITUS_MUST_CHECK bool token_discovery_write(const char *alg, const char *issuer, char *text,
                                            size_t size, struct situs_err *err);

/* token_dialect is the word of a dialect of claims' names (src/ear/ear_dialects.def), which are numbered from 0; NULL
 * after the last. */
const char *token_dialect(size_t i);

/* token_alg is "ES256" or "ES384". */
const char *token_alg(const struct sign_key *key);

#endif
