/* Statements that an image is closed; see closed.h. */
#include "model/closed.h"

#include "base/text.h"

static const struct {
    const char *key, *sentence;
} points[] = {
#define CLOSED(enumerator, key, sentence) {key, sentence},
#include "model/closed.def"
#undef CLOSED
};

const char *closed_key(enum closed_point point)
{
    return points[point].key;
}

const char *closed_sentence(enum closed_point point)
{
    return points[point].sentence;
}

static enum closed_point find(const char *key)
{
    for (unsigned i = 0; i < CLOSED_POINTS; i++)
        if (strcmp(points[i].key, key) == 0)
            return (enum closed_point)i;
    return CLOSED_POINTS;
}

static bool read_point(const struct json *v, struct closed *c, struct situs_err *err)
{
    bool stated;
    enum closed_point point = find(v->key);
    if (point == CLOSED_POINTS) {
        const char *keys[CLOSED_POINTS + 1] = {"by"};
        for (unsigned i = 0; i < CLOSED_POINTS; i++)
            keys[i + 1] = points[i].key;
        return json_unknown(v, keys, CLOSED_POINTS + 1, err);
    }
    if (!json_as_bool(v, &stated, err))
        return false;
    if (stated)
        c->stated |= 1u << point;
    return true;
}

bool closed_read(const struct json *image, struct closed *c, struct arena *a, struct situs_err *err)
{
    struct json object, by, member = {0};
    *c = (struct closed){0};
    if (json_has(image, "closed_by")) {
        json_get(image, "closed_by", &by, err);
        json_fail(&by, SITUS_UNKNOWN, "closed: who says so, and each point", "closed_by", err);
        return err_hint(err,
                        "\"closed_by\" said nothing in particular; \"situs policy new\" writes "
                        "\"closed\" with all points");
    }
    if (!json_get_object(image, "closed", &object, err) || !json_get(&object, "by", &by, err))
        return false;
    while (json_next(&object, &member))
        if (strcmp(member.key, "by") == 0 ? !json_keep_text(&member, &c->by, a, err)
                                          : !read_point(&member, c, err))
            return false;
    return true;
}

enum closed_point closed_gap(const struct closed *c)
{
    unsigned i = 0;
    while (i < CLOSED_POINTS && c->stated >> i & 1)
        i++;
    return (enum closed_point)i;
}
