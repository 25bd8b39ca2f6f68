/* Words about what no evidence shows; see said.h. */
#include "situs/said.h"

#include "base/text.h"

static const char *keep(struct arena *a, struct wr *w)
{
    wr_u8(w, 0);
    return (const char *)arena_copy(a, wr_span(w)).p;
}

/* "image NAME is closed ... by the word of NAME". */
static void say(struct result *r, struct said *s, const char *what, struct span by, struct arena *a)
{
    uint8_t text[500];
    struct wr w = wr_new(text, sizeof text);
    wr_text(&w, what);
    s->what = keep(a, &w);
    w.n = 0;
    wr_text(&w, TEXT_CUT(by));
    s->by = keep(a, &w);
    w.n = 0;
    wr_format(&w, "%s, by the word of ", what);
    wr_text(&w, TEXT_CUT(by));
    r->said_notes |= UINT32_C(1) << r->n_notes;
    result_note(r, keep(a, &w));
}

void said_closed(struct result *r, struct said *s, struct span image, const struct closed *closed,
                 struct arena *a)
{
    char text[200];
    struct wr w = wr_new(text, sizeof text);
    if (closed_gap(closed) != CLOSED_POINTS)
        return;
    wr_text(&w, TEXT_CUT(image));
    s->image = keep(a, &w);
    w.n = 0;
    wr_format(&w, "image %s is closed, in all %d points", TEXT_CUT(image), CLOSED_POINTS);
    wr_u8(&w, 0);
    say(r, s, text, closed->by, a);
}

void said_platform(struct result *r, struct span by, struct arena *a)
{
    say(r, &r->platform, "the provider's firmware extends each vTPM first, in every bank", by, a);
}
