/* Access to the real evidence; see vectors.h. */
#include "support/vectors.h"

#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

const char *vectors_root(void)
{
    static char path[4096];
    const char *given = getenv("SITUS_VECTORS");
    struct stat st;
    snprintf(path, sizeof path, "%s", given ? given : SITUS_VECTORS_DEFAULT);
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? path : NULL;
}

/* Remembers the bytes of every file read, so that the leak checker sees that they are kept. */
static void keep(uint8_t *bytes)
{
    static struct kept {
        struct kept *next;
        uint8_t *bytes;
    } * all;
    struct kept *one = malloc(sizeof *one);
    assert_non_null(one);
    *one = (struct kept){all, bytes};
    all = one;
}

struct span vectors_read(const char *name)
{
    char path[4352];
    snprintf(path, sizeof path, "%s/%s", vectors_root(), name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open %s", path);
    static const size_t room = 1 << 20;
    uint8_t *p = malloc(room);
    assert_non_null(p);
    size_t n = fread(p, 1, room, f);
    fclose(f);
    assert_true(n < room);
    uint8_t *exact = malloc(n ? n : 1); /* exact size, so that ASan sees every overrun */
    assert_non_null(exact);
    memcpy(exact, p, n);
    free(p);
    keep(exact);
    return span_of(exact, n);
}

void vectors_need(void)
{
    if (vectors_root())
        return;
    print_message("skipped: no vectors\n");
    skip();
}
