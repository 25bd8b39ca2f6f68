/* The talk of roles/cli/out.h, for harnesses: not a word. */
#include "cli/out.h"

void out_error(const char *format, ...)
{
    (void)format;
}

void out_hint(const char *format, ...)
{
    (void)format;
}

void out_note(const char *format, ...)
{
    (void)format;
}

void out_step(const char *format, ...)
{
    (void)format;
}

void out_failure(const struct situs_err *err)
{
    (void)err;
}

void out_bytes(struct span s)
{
    (void)s;
}
