/* Part of situs.h: a token of a verifier's service. */
#ifndef SITUS_H
#error "include situs.h"
#endif

#define SITUS_TOKEN_MEMORY (512 * 1024) /* always enough for situs_token_verify */
struct situs_token;                     /* what became of a token */

/* One token of a verifier's service (EAR, draft-ietf-rats-ear-04, in a JWS), and what it must say. */
struct situs_token_request {
    struct situs_item token;       /* compact JWS (RFC 7515, 7.1), without white space */
    struct situs_item keys;        /* the issuer's key set (RFC 7517, 5), from where you trust it */
    const char *issuer, *audience; /* iss and aud, letter for letter: each policy is an issuer */
    struct situs_item policy_sha256; /* of the policy file, 32 bytes */
    const char *const *require;      /* names of proofs, as "bound", each once; at least 1 */
    size_t n_require;
    struct situs_item nonce;   /* of your challenge, 8 to 64 bytes; not given: of nobody's */
    struct situs_item channel; /* the peer's SubjectPublicKeyInfo, DER; not given: any bearer's */
    int64_t at;                /* Unix seconds */
    uintptr_t reserved[8];     /* zero; else the request is refused */
};

/* situs_token_verify asks whether a token holds: signed with one of the keys by that key's algorithm
 * (ES256, ES384), typ eat+jwt, no header member that asks for more; what the request says; in its time;
 * of real machines, affirming, each required proof true. The answer is as that of situs_poe_verify. */
SITUS_API SITUS_MUST_CHECK const struct situs_token *
situs_token_verify(const struct situs_token_request *request, struct situs_memory memory);

/* situs_token_holds, situs_token_exit (that of situs-token(1)), situs_token_error (the first thing
 * against it, with a hint), situs_token_json and situs_token_brief are as those of situs_poe_verify. */
SITUS_API SITUS_MUST_CHECK bool situs_token_holds(const struct situs_token *token);
SITUS_API int situs_token_exit(const struct situs_token *token);
SITUS_API bool situs_token_error(const struct situs_token *token, struct situs_err *why);
SITUS_API size_t situs_token_json(const struct situs_token *token, char *text, size_t size);
SITUS_API size_t situs_token_brief(const struct situs_token *token, bool colour, char *text,
                                   size_t size);
