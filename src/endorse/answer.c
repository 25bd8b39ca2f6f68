/* What answers are made of; see answer.h. */
#include "endorse/answer.h"

void answer_begin(struct answer *x, const struct answer_family *of, const struct question *q,
                  const char *part)
{
    *x = (struct answer){.part = part};
    x->findings.arena = q->arena;
    x->claims.instance = of->name;
}

bool answer_fail(struct answer *x, enum check c, enum situs_code code, const char *field,
                 const char *expected, const char *got, const char *hint)
{
    return finding_fail(&x->findings, c, code, FINDING_AT(x->part, field), expected, got, hint);
}

bool answer_skip(struct answer *x, enum check c, const char *reason)
{
    finding_skip(&x->findings, c, reason);
    return false;
}

void answer_note(struct answer *x, const char *note)
{
    if (note && x->n_notes < ANSWER_NOTES)
        x->notes[x->n_notes++] = note;
}

static bool passed(const struct answer *x, enum check c)
{
    return x->findings.v[c].outcome == OUTCOME_PASS;
}

size_t answer_held(const struct answer *x, const struct answer_family *of)
{
    size_t n = 0;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        n += check_row(c)->kind == of->rows && passed(x, c);
    return n;
}
