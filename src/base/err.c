/* Error records; see err.h. */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

static void put(char *to, size_t size, const char *from)
{
    size_t n = from ? strlen(from) : 0;
    n = n < size ? n : size - 1;
    memcpy(to, from ? from : "", n);
    to[n] = 0;
}

/* A part may be a path, whose end says which file it is: what does not fit is cut from its
 * front. */
static void put_part(char *to, size_t size, const char *from)
{
    size_t n = from ? strlen(from) : 0;
    if (n < size) {
        put(to, size, from);
        return;
    }
    const char *end = from + n - (size - sizeof "...");
    while ((*end & 0xc0) == 0x80) /* never in the middle of a character (RFC 3629, 3) */
        end++;
    snprintf(to, size, "...%s", end);
}

bool err_fail(struct situs_err *err, enum situs_code code, const char *part, const char *field,
              size_t at, const char *expected, const char *got)
{
    if (err->code != SITUS_NONE)
        return false;
    err->code = code;
    err->at = at;
    put_part(err->part, sizeof err->part, part);
    put(err->field, sizeof err->field, field);
    put(err->expected, sizeof err->expected, expected);
    put(err->got, sizeof err->got, got);
    err->hint[0] = 0;
    return false;
}

bool err_hint(struct situs_err *err, const char *hint)
{
    if (err->code != SITUS_NONE && err->hint[0] == 0)
        put(err->hint, sizeof err->hint, hint);
    return false;
}

static const struct {
    const char *word, *hint;
} codes[] = {
#define ROW(name, word, hint) {word, hint},
    SITUS_CODES(ROW)
#undef ROW
};

const char *err_code_name(enum situs_code code)
{
    return (unsigned)code < SITUS_CODE_COUNT ? codes[code].word : "internal";
}

const char *err_code_hint(enum situs_code code)
{
    return (unsigned)code < SITUS_CODE_COUNT ? codes[code].hint : "";
}
