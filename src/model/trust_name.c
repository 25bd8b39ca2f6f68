/* Names of anchors and verifiers; see trust_name.h. */
#include "model/trust_name.h"

#include "base/text.h"

/* Reports show "?" for any other byte, and what a policy says of the name would find nobody. */
static bool is_shown(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < 0x20 || text.p[i] > 0x7e)
            return false;
    return true;
}

bool trust_name_read(const struct json *object, struct anchor *anchor, struct arena *a,
                     struct situs_err *err)
{
    struct json v;
    struct span text;
    if (!json_get(object, "name", &v, err) || !json_as_text(&v, &text, err))
        return false;
    if (text.n == 0 || text.n > TRUST_NAME_MAX)
        return json_fail(&v, SITUS_MALFORMED, "1 to 100 bytes of text", TEXT_BYTES(text.n), err);
    if (!is_shown(text)) {
        json_fail(&v, SITUS_MALFORMED, "a name in ASCII", TEXT_CUT(text), err);
        return err_hint(err,
                        "policies pair it with others byte for byte: write it without accents");
    }
    if (memchr(text.p, '=', text.n)) {
        json_fail(&v, SITUS_MALFORMED, "a name without \"=\"", TEXT_CUT(text), err);
        return err_hint(err, "policies pair the names of anchors with others by \"=\"");
    }
    char *name = arena_take(a, text.n + 1);
    if (!name)
        return json_no_memory(&v, err);
    anchor->name = text_cut(name, text.n + 1, text);
    return true;
}
