/* Queries; see http_query.h. */
#include "serve/http/http_query.h"

#include "base/text.h"
#include "serve/http/http_media.h"

#define PART "request"

bool http_query_unescape(char *to, size_t *n, struct span from)
{
    *n = 0;
    for (size_t i = 0; i < from.n; i++) {
        uint8_t c = from.p[i];
        if (c == '%') {
            if (i + 2 >= from.n || !text_hex_read(&c, 1, span_cut(from, i + 1, 2)))
                return false;
            i += 2;
        }
        to[(*n)++] = (char)c;
    }
    return true;
}

/* decode is that of a value: printable ASCII. */
static bool decode(char *to, size_t *n, struct span from)
{
    if (!http_query_unescape(to, n, from))
        return false;
    for (size_t i = 0; i < *n; i++)
        if (to[i] < 0x20 || to[i] > 0x7e)
            return false;
    return true;
}

/* known_name is the name in the list; empty: it is not there. */
static struct span known_name(const char *known, struct span name)
{
    struct span left = span_text(known), word;
    while ((word = http_media_word(&left)).n)
        if (span_equal(word, name))
            return word;
    return word;
}

static bool read_pair(struct http_query *q, size_t *used, struct span text, const char *known,
                      struct situs_err *err)
{
    const uint8_t *equals = memchr(text.p, '=', text.n);
    size_t head = equals ? (size_t)(equals - text.p) : text.n, n = 0;
    struct span given = span_cut(text, 0, head), name = known_name(known, given);
    struct span raw = equals ? span_cut(text, head + 1, text.n - head - 1) : (struct span){0};
    if (name.n == 0) {
        err_fail(err, SITUS_UNKNOWN, PART, "query", 0, known[0] ? known : "no query",
                 TEXT_CUT(given));
        return err_hint(err, "take it out, or correct its name");
    }
    char *to = q->text + *used;
    if (http_query_get(q, TEXT_CUT(name)).p || q->n == HTTP_QUERY_PAIRS)
        return err_fail(err, SITUS_MALFORMED, PART, TEXT_CUT(name), 0, "one value", "two");
    if (!equals || !decode(to, &n, raw))
        return err_fail(err, SITUS_MALFORMED, PART, TEXT_CUT(name), 0,
                        "a value of printable ASCII, %-escaped where need be", TEXT_CUT(raw));
    *used += n;
    q->pair[q->n].name = name;
    q->pair[q->n++].value = span_of(to, n);
    return true;
}

bool http_query_read(struct http_query *q, struct span text, const char *known,
                     struct situs_err *err)
{
    size_t used = 0;
    q->n = 0;
    if (text.n > HTTP_QUERY_MAX)
        return err_fail(err, SITUS_TOO_LONG, PART, "query", 0, "1024 bytes at most",
                        TEXT_BYTES(text.n));
    while (text.n) {
        const uint8_t *end = memchr(text.p, '&', text.n);
        size_t n = end ? (size_t)(end - text.p) : text.n;
        if (!read_pair(q, &used, span_cut(text, 0, n), known, err))
            return false;
        text = span_cut(text, n + (end != NULL), text.n - n - (end != NULL));
    }
    return true;
}

struct span http_query_get(const struct http_query *q, const char *name)
{
    for (size_t i = 0; i < q->n; i++)
        if (span_equal(q->pair[i].name, span_text(name)))
            return q->pair[i].value;
    return (struct span){0};
}
