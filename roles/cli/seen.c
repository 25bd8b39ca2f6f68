/* Numbers of lists seen before, from options; see seen.h. */
#include "cli/seen.h"

#include "cli/out.h"

#include <stdlib.h>
#include <string.h>

/* number_of reads 1 to 18 decimal digits: numbers of lists have 63 bits. */
static bool number_of(const char *text, uint64_t *number)
{
    size_t n = strspn(text, "0123456789");
    if (n < 1 || n > 18 || text[n] != 0)
        return false;
    *number = strtoull(text, NULL, 10);
    return *number > 0;
}

/* split cuts a text at its first and at its last "=". */
static bool split(char *text, struct situs_seen *out)
{
    char *first = strchr(text, '='), *last = strrchr(text, '=');
    if (!first || first == text || !number_of(last + 1, &out->number))
        return false;
    *first = *last = 0;
    out->signer = text;
    out->facility = first == last ? NULL : first + 1;
    return !out->facility || out->facility[0];
}

bool seen_option_read(struct seen_option *s, const struct words *values, const char *option,
                      const struct trust *trust, enum anchor_use use)
{
    struct situs_err err = {0};
    for (size_t i = 0; i < values->n; i++) {
        s->text[i] = strdup(values->v[i]);
        if (!s->text[i] || !split(s->text[i], &s->v[i])) {
            out_error("--%s \"%s\" is not a signer, \"=\" and a number", option, values->v[i]);
            out_hint("the last report has both: list.issuer or the anchor of poe, and the number");
            return false;
        }
        s->n = i + 1;
    }
    if (seen_known(seen_option_set(s), trust, use, option, &err))
        return true;
    out_failure(&err);
    return false;
}

void seen_option_free(struct seen_option *s)
{
    for (size_t i = 0; i < SEEN_MAX; i++)
        free(s->text[i]);
}
