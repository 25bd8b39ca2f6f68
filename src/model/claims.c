/* The table of claims; see claims.def. */
#include "model/claims.h"

static const struct claim_row rows[] = {
#define CLAIM(id, type, name, sentence) {name, sentence, CLAIM_IS_##type},
#include "model/claims.def"
#undef CLAIM
};

const struct claim_row *claim_row(enum claim_id id)
{
    return &rows[id];
}
