/* Weakened rows; see weaken.h. The linker's --wrap sends every call of the library to these. */
#include "weights/weaken.h"

#include <stdlib.h>

#include "support/test.h"

enum check weakened = CHECK_COUNT;

#define WRAP(type, name, args) \
    type __real_##name args;   \
    type __wrap_##name args;   \
    type __wrap_##name args

/* What the row's decider would have said had everything been well. */
static bool holds(struct findings *f, enum check c)
{
    if (c != weakened)
        return false;
    finding_pass(f, c);
    return true;
}

WRAP(bool, finding_fail_err, (struct findings * f, enum check c, const struct situs_err *err))
{
    return holds(f, c) || __real_finding_fail_err(f, c, err);
}

WRAP(bool, finding_fail,
     (struct findings * f, enum check c, enum situs_code code, const char *part, const char *field,
      const char *expected, const char *got, const char *hint))
{
    return holds(f, c) || __real_finding_fail(f, c, code, part, field, expected, got, hint);
}

WRAP(bool, finding_in_window,
     (struct findings * f, enum check c, const char *part, const char *field, const char *what,
      struct window w, int64_t at))
{
    return time_in_window(at, w) || holds(f, c) ||
           __real_finding_in_window(f, c, part, field, what, w, at);
}

WRAP(void, finding_skip, (struct findings * f, enum check c, const char *reason))
{
    if (!holds(f, c))
        __real_finding_skip(f, c, reason);
}

/* A unit program is told by its environment, before its main. */
__attribute__((constructor)) static void asked(void)
{
    const char *row = getenv("WEAKEN"), *test = getenv("ONLY_TEST");
    if (row)
        weakened = check_find(span_text(row));
    if (test)
        cmocka_set_test_filter(test);
}
