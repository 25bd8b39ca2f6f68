/* Media types; see http_media.h. */
#include "serve/http/http_media.h"

#include "base/text.h"

#include <strings.h>

#define Q_ONE 1000 /* weights are thousandths (RFC 9110, 12.4.2) */

/* cut_at is what stands before the first c, and takes it and c from s. */
static struct span cut_at(struct span *s, char c)
{
    const uint8_t *end = s->n ? memchr(s->p, c, s->n) : NULL;
    struct span head = span_of(s->p, end ? (size_t)(end - s->p) : s->n);
    size_t past = head.n + (end != NULL);
    *s = span_of(s->n ? s->p + past : s->p, s->n - past);
    return text_trim(head);
}

/* token (RFC 9110, 5.6.2), and / between two of them. */
static bool type_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_type(struct span s)
{
    struct span rest = s, type = cut_at(&rest, '/');
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '/' && !type_char(s.p[i]))
            return false;
    return type.n && rest.n && !memchr(rest.p, '/', rest.n);
}

bool http_media_type(char out[HTTP_MEDIA_MAX], struct span header)
{
    struct span type = cut_at(&header, ';');
    out[0] = 0;
    if (!is_type(type) || type.n >= HTTP_MEDIA_MAX)
        return false;
    for (size_t i = 0; i < type.n; i++)
        out[i] = (char)(type.p[i] >= 'A' && type.p[i] <= 'Z' ? type.p[i] + 32 : type.p[i]);
    out[type.n] = 0;
    return true;
}

struct span http_media_word(struct span *list)
{
    struct span word = {0};
    while (list->n && word.n == 0)
        word = cut_at(list, ' ');
    return word;
}

static bool same(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp((const char *)a.p, (const char *)b.p, a.n) == 0);
}

bool http_media_listed(const char *list, struct span type)
{
    struct span left = span_text(list), word;
    while ((word = http_media_word(&left)).n)
        if (same(word, type))
            return true;
    return false;
}

/* read_q reads a weight: 0, 0.25, 1.000; also .2, which clients send. -1: it is none. */
static int read_q(struct span s)
{
    int q = 0, unit = Q_ONE;
    size_t i = 0;
    if (i < s.n && (s.p[i] == '0' || s.p[i] == '1'))
        q = s.p[i++] == '1' ? Q_ONE : 0;
    if (i < s.n && s.p[i] == '.' && i + 4 >= s.n)
        for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
            q += (s.p[i] - '0') * (unit /= 10);
    return s.n && i == s.n && q <= Q_ONE ? q : -1;
}

/* weight_of is the weight that the parameters of a range give; -1: they cannot be read. */
static int weight_of(struct span parameters)
{
    while (parameters.n) {
        struct span value = cut_at(&parameters, ';'), name = cut_at(&value, '=');
        if (same(name, SPAN_LIT("q")))
            return read_q(value);
    }
    return Q_ONE;
}

/* names says how closely a range names a type: 3 itself, 2 type and any subtype, 1 anything, 0 not. */
static int names(struct span range, struct span type)
{
    struct span major = type;
    if (same(range, SPAN_LIT("*/*")))
        return 1;
    if (same(range, type))
        return 3;
    major = cut_at(&major, '/');
    return range.n == major.n + 2 && same(span_cut(range, 0, major.n), major) &&
                   memcmp(range.p + major.n, "/*", 2) == 0
               ? 2
               : 0;
}

/* likes is the weight that the header gives a type, 0 to Q_ONE. */
static int likes(struct span header, struct span type)
{
    int closest = 0, weight = 0;
    while (header.n) {
        struct span parameters = cut_at(&header, ','), range = cut_at(&parameters, ';');
        int close = names(range, type), q = weight_of(parameters);
        if (close > closest && q >= 0) {
            closest = close;
            weight = q;
        }
    }
    return weight;
}

struct span http_media_pick(struct span header, const char *list)
{
    struct span left = span_text(list), word, best = {0};
    int most = 0;
    if (text_trim(header).n == 0)
        return http_media_word(&left);
    while ((word = http_media_word(&left)).n) {
        int weight = likes(header, word);
        if (weight > most) {
            most = weight;
            best = word;
        }
    }
    return best;
}
