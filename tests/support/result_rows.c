/* Rows of a result; see result_rows.h. */
#include "support/result_rows.h"

#include "support/test.h"

const char *result_row(const struct situs_result *r, const char *id, const char **code,
                       const char **field)
{
    struct situs_check c;
    *code = *field = "";
    for (size_t i = 0; situs_result_check(r, i, &c); i++) {
        if (strcmp(c.id, id) != 0)
            continue;
        if (c.outcome == SITUS_FAIL) {
            *code = situs_code_name(c.why->code);
            *field = c.why->field;
        }
        return c.outcome == SITUS_FAIL ? "fail" : c.outcome == SITUS_PASS ? "pass" : "not-run";
    }
    return "absent";
}

void result_rows(const struct situs_result *r, const char *const ids[4], char outcomes[5],
                 const char **code, const char **field)
{
    const char *c, *f;
    *code = *field = "";
    for (size_t k = 0; k < 4; k++) {
        const char *outcome = result_row(r, ids[k], &c, &f);
        outcomes[k] = (char)(outcome[0] - 'a' + 'A');
        if (strcmp(outcome, "fail") == 0) {
            assert_string_equal(*code, "");
            *code = c;
            *field = f;
        }
    }
    outcomes[4] = 0;
}
