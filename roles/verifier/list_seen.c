/* Numbers of lists seen before, from options; see list_seen.h. */
#include "verifier/list_seen.h"

#include "base/text.h"
#include "frame/out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* unescape turns %XX into bytes, in place; false for an empty name, another "%", and a zero
 * byte. */
static bool unescape(char *name)
{
    char *to = name;
    for (const char *p = name; *p; p++) {
        uint8_t byte = (uint8_t)*p;
        if (*p == '%') {
            if (!p[1] || !p[2] || !text_hex_read(&byte, 1, span_of(p + 1, 2)) || byte == 0)
                return false;
            p += 2;
        }
        *to++ = (char)byte;
    }
    *to = 0;
    return to > name;
}

/* cut_at ends a text at the only separator of its kind; NULL: there is none, or *two. */
static char *cut_at(char *text, char separator, bool *two)
{
    char *at = strchr(text, separator);
    if (!at)
        return NULL;
    *two |= strchr(at + 1, separator) != NULL;
    *at = 0;
    return at + 1;
}

/* split takes a value apart. A separator within a name must be escaped: with two of a kind, or a
 * "/" behind the "=", it would read in two ways. */
static bool split(char *text, struct situs_seen *out)
{
    bool two = false;
    char *kind = text, *anchor = strchr(text, ':'), *number = strrchr(text, '=');
    if (!anchor || !number || number < anchor ||
        !text_number(span_text(number + 1), 1, INT64_MAX, &out->number))
        return false;
    *anchor++ = *number = 0;
    char *facility = cut_at(anchor, '=', &two);
    char *subject = cut_at(anchor, '/', &two);
    if (two || strchr(anchor, ':') || (subject && strpbrk(subject, "/:")) ||
        (facility && strpbrk(facility, "/:")))
        return false;
    *out = (struct situs_seen){kind, anchor, subject, facility, out->number};
    return unescape(anchor) && (!subject || unescape(subject)) && (!facility || unescape(facility));
}

bool list_seen_read(struct list_seen *s, const struct words *values,
                    const struct situs_trust *trust)
{
    struct situs_err err = {0};
    for (size_t i = 0; i < values->n; i++) {
        s->text[i] = strdup(values->v[i]);
        if (!s->text[i] || !split(s->text[i], &s->v[i])) {
            out_error("--list-seen \"%s\" is not KIND:ANCHOR[/SUBJECT][=FACILITY]=NUMBER",
                      values->v[i]);
            out_hint("copy list.seen or poe.revocation_seen of the last report; within a name "
                     "write : / = %% as %%3A %%2F %%3D %%25");
            return false;
        }
        s->n = i + 1;
    }
    if (situs_seen_known(s->v, s->n, trust, &err))
        return true;
    snprintf(err.field, sizeof err.field, "list-seen"); /* as it is called here */
    out_failure(&err);
    return false;
}

void list_seen_free(struct list_seen *s)
{
    for (size_t i = 0; i < LIST_SEEN_MAX; i++)
        free(s->text[i]);
}
