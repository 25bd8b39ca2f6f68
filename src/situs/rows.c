/* Rows and reasons; see rows.h. */
#include "situs/rows.h"

static const char *why_not_run(const struct finding *f)
{
    return f->reason ? f->reason : "no such evidence was given";
}

struct situs_check rows_check(enum check c, const struct finding *f)
{
    static const enum situs_outcome outcomes[] = {[OUTCOME_NOT_RUN] = SITUS_NOT_RUN,
                                                  [OUTCOME_PASS] = SITUS_PASS,
                                                  [OUTCOME_FAIL] = SITUS_FAIL};
    return (struct situs_check){
        .id = check_row(c)->id,
        .sentence = check_row(c)->sentence,
        .source = check_row(c)->source,
        .outcome = outcomes[f->outcome],
        .reason = f->outcome == OUTCOME_NOT_RUN ? why_not_run(f) : NULL,
        .why = f->outcome == OUTCOME_FAIL ? f->why : NULL,
    };
}

struct situs_error rows_failed(const char *check, bool refuses, const struct situs_err *why)
{
    struct situs_error e = {.check = check, .outcome = SITUS_FAIL, .refuses = refuses, .why = *why};
    err_hint(&e.why, err_code_hint(why->code));
    return e;
}

struct situs_error rows_not_run(enum check c, const struct finding *f, const char *hint)
{
    struct situs_err why = {0};
    err_fail(&why, SITUS_MISSING, check_row(c)->id, "", SITUS_NO_OFFSET, check_row(c)->sentence,
             why_not_run(f));
    err_hint(&why, hint);
    struct situs_error e = rows_failed(check_row(c)->id, true, &why);
    e.outcome = SITUS_NOT_RUN;
    return e;
}
