/* Whole reports; see golden.h. */
#include "support/golden.h"

#include "situs/page.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX_RUN 16

/* Keys are made anew for each run, and with them all digests. */
static void normalise(char *s)
{
    char *to = s;
    while (*s) {
        size_t n = strspn(s, "0123456789abcdef");
        if (n >= HEX_RUN) {
            memcpy(to, "HEX", 3);
            to += 3;
        } else {
            n += n == 0;
            memmove(to, s, n);
            to += n;
        }
        s += n;
    }
    *to = 0;
}

void golden_compare(char *text, const char *name)
{
    static char golden[256 * 1024];
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/golden/%s", SITUS_SOURCE_ROOT, name);
    normalise(text);
    if (getenv("GOLDEN")) {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
        return;
    }
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    golden[fread(golden, 1, sizeof golden - 1, f)] = 0;
    fclose(f);
    assert_string_equal(text, golden);
}

void golden_fits_a_screen(const char *text)
{
    size_t lines = 0;
    for (const char *s = text; *s; s += strcspn(s, "\n") + 1, lines++)
        assert_true(strcspn(s, "\n") <= PAGE_COLUMNS);
    assert_true(lines <= PAGE_LINES);
}
