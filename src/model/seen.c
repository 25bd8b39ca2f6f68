/* Numbers seen before; see seen.h. */
#include "model/seen.h"

#include "base/text.h"

static bool speaks_of(const struct situs_seen *s, const char *signer, struct span facility)
{
    return strcmp(s->signer, signer) == 0 &&
           (!s->facility || span_equal(span_text(s->facility), facility));
}

uint64_t seen_number(struct seen seen, const char *signer, struct span facility)
{
    uint64_t highest = 0;
    for (size_t i = 0; i < seen.n; i++)
        if (seen.v[i].number > highest && speaks_of(&seen.v[i], signer, facility))
            highest = seen.v[i].number;
    return highest;
}

static bool is_anchor(const struct trust *trust, enum anchor_use use, const char *name)
{
    for (size_t i = 0; i < trust->n; i++)
        if (trust->anchors[i].uses & use && strcmp(trust->anchors[i].name, name) == 0)
            return true;
    return false;
}

bool seen_known(struct seen seen, const struct trust *trust, enum anchor_use use, const char *field,
                struct situs_err *err)
{
    for (size_t i = 0; i < seen.n; i++) {
        if (is_anchor(trust, use, seen.v[i].signer) && (use == ANCHOR_LIST || !seen.v[i].facility))
            continue;
        err_fail(err, SITUS_UNKNOWN, "request", field, SITUS_NO_OFFSET,
                 "the name of an anchor for this use", TEXT_CUT(span_text(seen.v[i].signer)));
        return err_hint(err, "signers are called as the trust file calls their anchors");
    }
    return true;
}
