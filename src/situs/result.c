/* What a program asks of a result (situs.h): the verdict, every row, every reason, claims. */
#include "base/text.h"
#include "situs/door.h"
#include "situs/report.h"
#include "situs/rows.h"

#include <stdio.h>

bool situs_result_trusted(const struct situs_result *r)
{
    return r && r->result.verdict == VERDICT_TRUSTED && r->result.exit == 0;
}

int situs_result_exit(const struct situs_result *r)
{
    return r ? r->result.exit : 2;
}

bool situs_result_holds(const struct situs_result *r, const char *proof)
{
    return r && proof && (r->result.held & proof_find(span_text(proof)));
}

bool situs_result_simulated(const struct situs_result *r)
{
    return r && result_simulated(&r->result);
}

bool situs_result_claim(const struct situs_result *r, const char *name, char *text, size_t size)
{
    for (int i = 0; r && i < INSTANCE_COUNT; i++) {
        const struct claims *set = &r->result.claims[i];
        size_t n = set->authority ? strlen(set->instance) : 0;
        if (n == 0 || strncmp(name, set->instance, n) != 0 || name[n] != '.')
            continue;
        for (enum claim_id id = 0; id < CLAIM_COUNT; id++) {
            if (strcmp(claim_row(id)->name, name + n + 1) != 0 || !claims_get(set, id) || !size)
                continue;
            struct wr w = wr_new(text, size - 1);
            report_claim(&set->v[id], claim_row(id)->type, &w);
            return report_finish(&w, text, size) < size;
        }
    }
    return false;
}

const char *situs_result_note(const struct situs_result *r, size_t i)
{
    return r && i < r->result.n_notes ? r->result.notes[i] : NULL;
}

bool situs_result_claim_name(const struct situs_result *r, size_t i, char name[SITUS_CLAIM_NAME],
                             const char **authority)
{
    for (int k = 0; r && k < INSTANCE_COUNT; k++) {
        const struct claims *set = &r->result.claims[k];
        for (enum claim_id id = 0; id < CLAIM_COUNT; id++) {
            if (!claims_get(set, id) || i-- > 0)
                continue;
            snprintf(name, SITUS_CLAIM_NAME, "%s.%s", set->instance, claim_row(id)->name);
            if (authority)
                *authority = set->authority->name;
            return true;
        }
    }
    return false;
}
