/* Members of the configuration; see serve_member.h. */
#include "serve/world/serve_member.h"

#include "base/text.h"

bool serve_member_text(const struct json *object, const char *key, size_t most, const char **out,
                       struct situs_err *err)
{
    struct json v;
    struct span s;
    if (!json_get(object, key, &v, err) || !json_as_text(&v, &s, err))
        return false;
    if (s.n == 0 || s.n > most)
        return json_fail(&v, s.n ? SITUS_TOO_LONG : SITUS_MALFORMED, TEXT_BYTES(most),
                         s.n ? TEXT_BYTES(s.n) : "an empty text", err);
    *out = (const char *)s.p;
    return true;
}

bool serve_member_optional(const struct json *object, const char *key, size_t most,
                           const char **out, struct situs_err *err)
{
    return !json_has(object, key) || serve_member_text(object, key, most, out, err);
}

bool serve_member_is_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return n > 0 && n < 64 && name[n] == 0 && name[0] != '-' && name[n - 1] != '-';
}

bool serve_member_paths(const struct json *object, const char *key, struct serve_paths *to,
                        struct situs_err *err)
{
    struct json list;
    if (!json_has(object, key))
        return true;
    if (!json_get_array(object, key, &list, err))
        return false;
    if (json_count(&list) > SERVE_PATHS)
        return json_fail(&list, SITUS_TOO_LONG, TEXT_NUM(SERVE_PATHS), TEXT_NUM(json_count(&list)),
                         err);
    for (size_t i = 0; i < json_count(&list); i++) {
        struct json v = json_element(&list, i);
        struct span s;
        if (!json_as_text(&v, &s, err))
            return false;
        if (s.n == 0)
            return json_fail(&v, SITUS_MALFORMED, "a path", "an empty text", err);
        to->v[to->n++] = (const char *)s.p;
    }
    return true;
}
