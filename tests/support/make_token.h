/* Tokens for tests: the lab's machine, what a judge says of it, and what its keeper makes of that.
 * Unless the test asks for it, the record does not say that the lab is simulated: its firmware proves
 * "bound" under simulated anchors only. */
#ifndef SITUS_TESTS_MAKE_TOKEN_H
#define SITUS_TESTS_MAKE_TOKEN_H

#include "crypto/jws_write.h"
#include "support/lab_machine.h"
#include "token/token.h"

#define MAKE_TOKEN_ISSUER "https://verifier.example/p/guest"
#define MAKE_TOKEN_AUDIENCE "backend.example"
#define MAKE_TOKEN_SIMULATED "https://verifier.example/simulated/p/guest"

struct make_token {
    struct lab_machine machine;
    struct lab_verifier verifier;
    struct sign_key *key;
    struct token_record record;
    struct token_facts facts; /* for the next token */
    uint8_t party_nonce[32];
    char keys[4096], text[TOKEN_MAX]; /* the key set, and the token */
    uint8_t memory[SITUS_TOKEN_MEMORY];
};

/* make_token_new appraises the machine and writes a token of it; bits: 256 or 384, of the key. Free
 * with make_token_free. */
void make_token_new(struct make_token *t, bool simulated, unsigned bits);
void make_token_free(struct make_token *t);

/* make_token_key makes a key; free it with token_key_free. make_token_keys writes its set into t. */
struct sign_key *make_token_key(unsigned bits);
void make_token_keys(struct make_token *t, const struct sign_key *key);

/* make_token_again writes the token anew, from record and facts. */
void make_token_again(struct make_token *t);

/* make_token_signed puts a token of any payload, signed with t's key, into t. */
void make_token_signed(struct make_token *t, const char *typ, struct span payload);

/* make_token_payload is the claims of t's token, as text; it lives until the next call. */
char *make_token_payload(const struct make_token *t);

/* make_token_request is what an honest relying party asks: the nonce and the key included. */
struct situs_token_request make_token_request(const struct make_token *t);

/* make_token_verify asks; the answer lies in t. */
const struct situs_token *make_token_verify(struct make_token *t,
                                            const struct situs_token_request *q);

#endif
