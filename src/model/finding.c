/* Findings and the table of checks; see finding.h. */
#include "model/finding.h"

#include "base/text.h"

#include <stdio.h>

static const struct check_row rows[] = {
#define CHECK(name, id, exit, kind, proofs, sentence, source, stops) \
    {id, exit, KIND_##kind, proofs, sentence, source, stops},
#include "model/checks.def"
#undef CHECK
};

const struct check_row *check_row(enum check c)
{
    return &rows[c];
}

static const struct tee_row tees[] = {
#define TEE(id, name, chain, dated, what, send) \
    [KIND_##id] = {#name, CHECK_##chain, CHECK_##id##_TCB, dated, what, send},
#include "model/tees.def"
#undef TEE
};
#define TEES (sizeof tees / sizeof *tees)

const struct tee_row *tee_row(enum check_kind kind)
{
    return kind < TEES && tees[kind].name ? &tees[kind] : NULL;
}

enum check_kind tee_find(const char *name)
{
    for (unsigned kind = KIND_ANY + 1; name && kind < TEES; kind++)
        if (strcmp(tees[kind].name, name) == 0)
            return (enum check_kind)kind;
    return KIND_ANY;
}

enum check check_find(struct span id)
{
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (span_equal(span_text(rows[c].id), id))
            return c;
    return CHECK_COUNT;
}

void finding_pass(struct findings *f, enum check c)
{
    if (f->v[c].outcome == OUTCOME_FAIL)
        return;
    f->v[c].outcome = OUTCOME_PASS;
    f->v[c].reason = NULL;
}

void finding_until(struct findings *f, enum check c, int64_t until, const char *what)
{
    if (f->v[c].ends && f->v[c].until <= until)
        return;
    f->v[c].until = until;
    f->v[c].ends = what;
}

bool finding_fail_err(struct findings *f, enum check c, const struct situs_err *err)
{
    if (f->v[c].outcome == OUTCOME_FAIL)
        return false;
    struct situs_err *copy = ARENA_NEW(f->arena, struct situs_err);
    static const struct situs_err no_memory = {.code = SITUS_NO_MEMORY, .at = SITUS_NO_OFFSET};
    if (copy)
        *copy = *err;
    f->v[c] = (struct finding){.outcome = OUTCOME_FAIL, .why = copy ? copy : &no_memory};
    return false;
}

bool finding_fail(struct findings *f, enum check c, enum situs_code code, struct finding_at at,
                  const char *expected, const char *got, const char *hint)
{
    struct situs_err err = {0};
    err_fail(&err, code, at.part, at.field, SITUS_NO_OFFSET, expected, got);
    if (hint)
        err_hint(&err, hint);
    return finding_fail_err(f, c, &err);
}

bool finding_in_window(struct findings *f, enum check c, const char *part, const char *field,
                       const char *what, struct window w, int64_t at)
{
    char name[80], expected[40], got[80];
    bool early = at < w.from;
    finding_until(f, c, w.to, what);
    if (time_in_window(at, w))
        return true;
    text_member(name, field, early ? "from" : "to");
    snprintf(expected, sizeof expected, "valid at %s", TEXT_TIME(at));
    snprintf(got, sizeof got, "%s %s %s", what, early ? "begins" : "ended",
             TEXT_TIME(early ? w.from : w.to));
    return finding_fail(
        f, c, early ? SITUS_NOT_YET_VALID : SITUS_EXPIRED, FINDING_AT(part, name), expected, got,
        early ? NULL
              : "\"situs collateral refresh DIR\" gets today's; --at TIME appraises "
                "as of a time inside its validity");
}

void finding_skip(struct findings *f, enum check c, const char *reason)
{
    if (f->v[c].outcome == OUTCOME_NOT_RUN && !f->v[c].reason)
        f->v[c].reason = reason;
}

void finding_retract(struct findings *f, enum check c)
{
    f->v[c] = (struct finding){.outcome = OUTCOME_NOT_RUN};
}

int finding_exit(enum check c, enum situs_code code)
{
    int exit = rows[c].exit;
    if (exit >= 5)
        return exit;
    switch (code) {
    case SITUS_MALFORMED:
    case SITUS_TOO_SHORT:
    case SITUS_TOO_LONG:
    case SITUS_TRAILING:
    case SITUS_DUPLICATE:
    case SITUS_BAD_SIGNATURE:
    case SITUS_UNTRUSTED:
    case SITUS_NO_MEMORY:
    case SITUS_INTERNAL:
        return 2;
    case SITUS_MISSING:
    case SITUS_EXPIRED:
    case SITUS_NOT_YET_VALID:
        return 3;
    case SITUS_MISMATCH:
        return exit;
    default:
        return 4;
    }
}
