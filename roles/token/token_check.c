/* At a door; see token_check.h. */
#include "token/token_check.h"

#include "base/item.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "ear/ear_names.h"
#include "model/policy.h"

#include <stdio.h>

#define PROOFS 32

/* names are those of the proofs: one by one, and as one text. */
static size_t names(unsigned proofs, const char *name[PROOFS], char *text, size_t size)
{
    size_t n = 0, used = 0;
    for (unsigned bit = PROOF_GENUINE; bit <= PROOF_ALL; bit <<= 1)
        if (proofs & bit) {
            name[n] = proof_name(bit);
            used += (size_t)snprintf(text + used, size - used, "%s%s", n ? " " : "", name[n]);
            n++;
        }
    return n;
}

/* What is wrong with the token alone bars nobody: another one may do. */
static enum token_word word_of(const struct situs_err *why)
{
    static const char *const of_the_peer[] = {"eat_nonce", "cnf.jwk", "ear_status"};
    if (strcmp(why->part, "request") == 0)
        return TOKEN_BARRED;
    for (size_t i = 0; i < sizeof of_the_peer / sizeof *of_the_peer; i++)
        if (strcmp(why->field, of_the_peer[i]) == 0)
            return TOKEN_BARRED;
    return span_starts(span_text(why->field), SPAN_LIT("situs_")) &&
                   strcmp(why->field, EAR_POLICY) != 0
               ? TOKEN_BARRED
               : TOKEN_REFUSED;
}

static void refuse(struct token_checked *out, enum token_word word, const char *field,
                   enum situs_code code)
{
    *out = (struct token_checked){.word = word};
    snprintf(out->why, sizeof out->why, "%.50s %s", field, situs_code_name(code));
}

void token_check(const struct situs_token_request *request, unsigned proofs, bool bearer,
                 struct situs_memory memory, struct token_checked *out)
{
    const char *name[PROOFS];
    struct situs_token_request q = *request;
    struct situs_err why;
    uint8_t hash[32];
    *out = (struct token_checked){.word = TOKEN_REFUSED};
    q.require = name;
    q.n_require = names(proofs, name, out->proofs, sizeof out->proofs);
    if (!q.channel.size && !bearer) {
        refuse(out, TOKEN_BARRED, EAR_CHANNEL, SITUS_MISSING);
        return;
    }
    const struct situs_token *token = situs_token_verify(&q, memory);
    if (!situs_token_holds(token)) {
        situs_token_error(token, &why);
        refuse(out, word_of(&why), why.field, why.code);
        return;
    }
    out->word = TOKEN_ADMITTED;
    if (q.channel.size && digest(HASH_SHA256, item_span(q.channel), hash))
        text_hex(out->channel, sizeof out->channel, SPAN_ARR(hash));
}
