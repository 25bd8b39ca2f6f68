/* Closed images; see closed_check.h. */
#include "appraise/closed_check.h"

#include "base/text.h"
#include "base/wr.h"

bool closed_check(struct findings *f, enum check c, const char *images, struct span name,
                  const struct closed *closed)
{
    enum closed_point gap = closed_gap(closed);
    char field[80], hint[320];
    if (gap == CLOSED_POINTS)
        return true;
    struct wr w = wr_new(field, sizeof field - 1);
    wr_format(&w, "%s.closed.%s", images, closed_key(gap));
    field[wr_ok(&w) ? w.n : 0] = 0;
    w = wr_new(hint, sizeof hint - 1);
    wr_format(&w, "of image %s it is not stated: ", TEXT_CUT(name));
    wr_text(&w, closed_sentence(gap));
    hint[wr_ok(&w) ? w.n : 0] = 0;
    return finding_fail(f, c, SITUS_NOT_ALLOWED, FINDING_AT("policy", field), "true",
                        "false, or not stated", hint);
}
