/* Whether a token lets the one who shows it in, for who stands at a door (situs serve, /v1/token/check). */
#ifndef SITUS_TOKEN_TOKEN_CHECK_H
#define SITUS_TOKEN_TOKEN_CHECK_H

#include "situs.h"

enum token_word {
    TOKEN_ADMITTED,
    TOKEN_REFUSED, /* it does not count here: another one may */
    TOKEN_BARRED,  /* it is in order, and not this peer's, of another nonce, or does not affirm */
};

struct token_checked {
    enum token_word word;
    char why[80];     /* not admitted: the field, and the code's name */
    char proofs[160]; /* admitted: their names, with blanks between */
    char channel[65]; /* admitted: SHA-256 of the peer's key, hex; empty: none was stated */
};

/* token_check asks by a request whose required proofs are bits (PROOF_*), and whose bearer may be anybody only where the
 * policy says so too. memory has SITUS_TOKEN_MEMORY bytes. */
void token_check(const struct situs_token_request *request, unsigned proofs, bool bearer,
                 struct situs_memory memory, struct token_checked *out);

#endif
