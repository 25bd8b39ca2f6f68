/* The parts of an attester in a token (EAR draft-04, 3.3), each with its trustworthiness vector. */
#ifndef SITUS_TOKEN_TOKEN_SUBMODS_H
#define SITUS_TOKEN_TOKEN_SUBMODS_H

#include "codec/json_out.h"
#include "token/token.h"

struct ear_dialect; /* ear/ear_names.h */

/* record_affirms says that the appraisal is trusted and nothing in it is simulated. */
bool record_affirms(const struct token_record *r);

/* token_status is the word of ear_status for the whole. */
const char *token_status(const struct token_record *r);

/* token_submods writes the member submods, by the names of a dialect. */
void token_submods(struct json_out *o, const struct token_record *r, const struct token_span *span,
                   const struct ear_dialect *d);

#endif
