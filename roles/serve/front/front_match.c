/* Which row; see front_match.h. */
#include "serve/front/front_match.h"

#include <stdio.h>

/* segment_size is how many letters of a segment stand at p: letters, digits and - . _ */
static size_t segment_size(const uint8_t *p, size_t n)
{
    size_t i = 0;
    while (i < n && ((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') ||
                     (p[i] >= '0' && p[i] <= '9') || p[i] == '-' || p[i] == '.' || p[i] == '_'))
        i++;
    return i;
}

/* fits says that a path is one of a row's; part is then what its braces stand for. */
static bool fits(const char *row, struct span path, char part[TALK_SESSION])
{
    const char *brace = strchr(row, '{');
    size_t head = brace ? (size_t)(brace - row) : strlen(row);
    part[0] = 0;
    if (!span_starts(path, span_of(row, head)) || (!brace && path.n != head))
        return false;
    if (!brace)
        return true;
    const char *tail = strchr(brace, '}') + 1;
    size_t n = segment_size(path.p + head, path.n - head);
    if (n == 0 || n >= TALK_SESSION ||
        !span_equal(span_cut(path, head + n, path.n - head - n), span_text(tail)))
        return false;
    memcpy(part, path.p + head, n);
    part[n] = 0;
    return true;
}

enum front_match front_match_find(const struct front *f, const struct http_call *http,
                                  struct span path, size_t *row, char part[TALK_SESSION],
                                  char allow[64])
{
    const char *asked = strcmp(http->method, "HEAD") == 0 ? "GET" : http->method;
    allow[0] = 0;
    for (*row = 0; *row < f->n_rows; ++*row) {
        const struct front_row *r = &f->rows[*row];
        if ((r->inside && !http->inside) || !fits(r->path, path, part))
            continue;
        if (strcmp(r->method, asked) == 0)
            return FRONT_FOUND;
        size_t n = strlen(allow);
        snprintf(allow + n, 64 - n, "%s%s%s", n ? ", " : "", r->method,
                 strcmp(r->method, "GET") == 0 ? ", HEAD" : "");
    }
    part[0] = 0;
    return allow[0] ? FRONT_NO_METHOD : FRONT_NO_PATH;
}

const struct front_row *front_match_row(const struct front *f, void (*serve)(struct front_call *c))
{
    size_t i = 0;
    while (f->rows[i].serve != serve)
        i++;
    return &f->rows[i];
}
