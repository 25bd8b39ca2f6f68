/* Places of a trust file; see trust_places.h. */
#include "model/trust_places.h"

#include "base/limits.h"
#include "base/text.h"

static bool read_name(const struct json *v, struct trust_place *p, struct arena *a,
                      struct situs_err *err)
{
    struct span text;
    if (!json_as_text(v, &text, err))
        return false;
    if (!text_is_name(text, TRUST_NAME_MAX))
        return json_fail(v, SITUS_MALFORMED, "a name of 1 to 100 bytes", TEXT_CUT(text), err);
    char *name = arena_take(a, text.n + 1);
    if (!name)
        return json_no_memory(v, err);
    p->name = text_cut(name, text.n + 1, text);
    return true;
}

static bool read_country(const struct json *object, struct trust_place *p, struct situs_err *err)
{
    struct json v;
    struct span text;
    if (!json_get(object, "country", &v, err) || !json_as_text(&v, &text, err))
        return false;
    if (!text_is_country(text)) {
        json_fail(&v, SITUS_MALFORMED, "two capital letters", TEXT_CUT(text), err);
        return err_hint(err, "countries are codes of ISO 3166-1, as NL");
    }
    memcpy(p->country, text.p, 2);
    return true;
}

/* "ANCHOR=FACILITY" is split at the first "=": names of anchors have none. */
static void split(struct span key, struct trust_place *p)
{
    const uint8_t *middle = memchr(key.p, '=', key.n);
    size_t at = middle ? (size_t)(middle - key.p) : 0;
    p->anchor = span_cut(key, 0, at);
    p->facility = middle ? span_cut(key, at + 1, key.n - at - 1) : key;
}

static bool read_place(const struct json *member, struct trust_place *p, struct arena *a,
                       struct situs_err *err)
{
    struct json name;
    struct span key = arena_copy(a, span_text(member->key));
    if (!key.p)
        return json_no_memory(member, err);
    split(key, p);
    if (p->facility.n == 0 || (*key.p == '='))
        return json_fail(member, SITUS_MALFORMED, "a facility, or ANCHOR=FACILITY", TEXT_CUT(key),
                         err);
    if (!json_is_object_value(member))
        return read_name(member, p, a, err);
    return JSON_KNOWN(member, err, "name", "country") && json_get(member, "name", &name, err) &&
           read_name(&name, p, a, err) &&
           (!json_has(member, "country") || read_country(member, p, err));
}

bool trust_places_read(const struct json *object, struct trust *trust, struct arena *a,
                       struct situs_err *err)
{
    struct json member = {0};
    if (!json_as_object(object, err))
        return false;
    size_t n = json_count(object), i = 0;
    if (n > LIMIT_PLACES)
        return json_fail(object, SITUS_TOO_LONG, TEXT_NUM(LIMIT_PLACES), TEXT_NUM(n), err);
    struct trust_place *v = ARENA_ARRAY(a, n + 1, struct trust_place);
    if (!v)
        return json_no_memory(object, err);
    while (json_next(object, &member))
        if (!read_place(&member, &v[i++], a, err))
            return false;
    trust->places = v;
    trust->n_places = n;
    return true;
}

/* Whether the file has the anchor under which a place is meant. */
static bool is_known(const struct trust *trust, const struct trust_place *p)
{
    for (size_t i = 0; i < trust->n; i++)
        if (span_equal(p->anchor, span_text(trust->anchors[i].name)))
            return true;
    return false;
}

/* A place of an anchor that nobody is, misspelt or not in ASCII, may have been meant for this one. */
const struct trust_place *trust_place(const struct trust *trust, const struct anchor *by,
                                      struct span facility)
{
    const struct trust_place *any = NULL;
    bool stray = false;
    for (size_t i = 0; i < trust->n_places; i++) {
        const struct trust_place *p = &trust->places[i];
        if (!span_equal(p->facility, facility))
            continue;
        if (p->anchor.n && by && span_equal(p->anchor, span_text(by->name)))
            return p;
        if (!p->anchor.n)
            any = p;
        else
            stray |= !is_known(trust, p);
    }
    return stray ? NULL : any;
}

bool trust_places_decide(const struct policy *p, enum param id, const struct trust *trust,
                         const struct anchor *by, struct span facility, const char *part,
                         struct situs_err *err)
{
    const struct trust_place *place = trust_place(trust, by, facility);
    if (!p->v[id].given)
        return true;
    if (facility.n == 0) {
        err_fail(err, SITUS_MISSING, part, "facility", SITUS_NO_OFFSET, "a facility", "none");
        return err_hint(err, "this kind of word names no place: take countries out of the policy, "
                             "or ask for a word that names one");
    }
    if (!place || !place->country[0]) {
        err_fail(err, SITUS_MISSING, part, "facility", SITUS_NO_OFFSET,
                 "a facility whose country is known", TEXT_CUT(facility));
        return err_hint(
            err, "if you know where it is, say so in \"places\" of the trust file, with "
                 "name and country, and under no anchor that the file lacks: situs-trust(5)");
    }
    if (policy_word(p, id, span_text(place->country)))
        return true;
    err_fail(err, SITUS_NOT_ALLOWED, part, "facility", SITUS_NO_OFFSET,
             "a country that the policy lists", place->country);
    return err_hint(err, "by the trust file's places; add the country to the policy if it may be");
}
