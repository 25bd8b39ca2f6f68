/* The one engine that judges endorsements; see answer.h. */
#include "endorse/answer.h"

#include "base/text.h"
#include "endorse/revocation/revocations.h"

static bool fails(const struct answer *x, const struct answer_family *of)
{
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (check_row(c)->kind == of->rows && x->findings.v[c].outcome == OUTCOME_FAIL)
            return true;
    return false;
}

static void ask(const struct endorsement *e, const struct answer_family *of,
                const struct question *q, struct answer *x)
{
    answer_begin(x, of, q, e->part);
    if (e->why)
        finding_fail_err(&x->findings, of->signature, e->why);
    else
        endorsement_row(e->kind)->does->answer(e, q, x);
}

/* Where memory runs out a good signature looks bad, so that counts when it is said twice. */
static void ask_surely(const struct endorsement *e, const struct answer_family *of,
                       const struct question *q, struct answer *x)
{
    const struct arena before = *q->arena;
    ask(e, of, q, x);
    if (x->findings.v[of->signature].outcome != OUTCOME_FAIL)
        return;
    *q->arena = before;
    ask(e, of, q, x);
}

/* A word that could not be judged for want of memory may have been the one that contradicts. */
static bool unjudged(const struct answer *x, const struct answer_family *of)
{
    const struct finding *f = &x->findings.v[of->signature];
    return x->lost || (f->outcome == OUTCOME_FAIL &&
                       (f->why->code == SITUS_NO_MEMORY || f->why->code == SITUS_INTERNAL));
}

static void judge(const struct endorsement *e, const struct answer_family *of,
                  const struct question *q, struct answer *x)
{
    ask_surely(e, of, q, x);
    of->revoke(e, q, x);
    if (of->name_owner)
        of->name_owner(e, q, x);
    if (x->findings.v[of->match].outcome != OUTCOME_PASS || fails(x, of))
        x->claims.authority = NULL;
}

/* The answer that holds most rows, the first of equals. */
static const struct answer *best(const struct answer_family *of, const struct answer *const *v,
                                 size_t n)
{
    const struct answer *found = v[0];
    for (size_t i = 1; i < n; i++)
        if (answer_held(v[i], of) > answer_held(found, of))
            found = v[i];
    return found;
}

static struct span owner_of(const struct answer *x)
{
    return x->claims.v[CLAIM_OWNER].bytes;
}

/* Two owners of one machine: somebody is wrong, and it is not for us to say who. */
static void refuse_two_owners(const struct answer_family *of, const struct answer *const *v,
                              size_t n, const struct answer *chosen, struct claims *c,
                              struct findings *f)
{
    const struct answer *one = of->any_two || !chosen->claims.authority ? NULL : chosen;
    for (size_t i = 0; i < n && (one || of->any_two); i++) {
        if (!v[i]->claims.authority && !v[i]->names)
            continue;
        one = one ? one : v[i];
        if (span_equal(owner_of(v[i]), owner_of(one)))
            continue;
        finding_fail(f, of->owners, SITUS_DUPLICATE, FINDING_AT(v[i]->part, of->owner),
                     TEXT_CUT(owner_of(one)), TEXT_CUT(owner_of(v[i])), of->hint);
        c->authority = NULL;
        return;
    }
}

const struct answer *answer_settle(const struct answer_family *of, const struct answer *const *v,
                                   size_t n, struct claims *c, struct findings *f)
{
    if (n == 0)
        return NULL;
    const struct answer *chosen = best(of, v, n);
    *c = chosen->claims;
    for (enum check row = 0; row < CHECK_COUNT; row++)
        if (check_row(row)->kind == of->rows)
            f->v[row] = chosen->findings.v[row];
    refuse_two_owners(of, v, n, chosen, c, f);
    return chosen;
}

void answer_all(const struct answer_family *of, const struct endorsements *e,
                const struct question *q, struct result *r)
{
    struct answer *v[LIMIT_ENDORSEMENTS];
    size_t n = 0;
    bool lost = q->revocations->lost;
    for (size_t i = 0; i < e->n; i++) {
        if (endorsement_row(e->v[i].kind)->does->family != of)
            continue;
        struct answer *x = ARENA_NEW(q->arena, struct answer);
        lost |= !x;
        if (!x)
            continue;
        judge(&e->v[i], of, q, x);
        lost |= unjudged(x, of);
        v[n++] = x;
    }
    if (of->beside)
        of->beside(v, n);
    const struct answer *used = answer_settle(of, (const struct answer *const *)v, n,
                                              &r->claims[of->instance], &r->findings);
    if (lost) {
        finding_fail(&r->findings, of->signature, SITUS_NO_MEMORY, FINDING_AT(of->part, ""), NULL,
                     NULL, NULL);
        r->claims[of->instance].authority = NULL;
    }
    for (size_t i = 0; used && i < used->n_notes; i++)
        result_note(r, used->notes[i]);
}
