/* Webhooks of the configuration; see serve_hooks.h. */
#include "serve/world/serve_hooks.h"

#include "base/text.h"
#include "fetch/url.h"
#include "serve/world/serve_member.h"
#include "serve/world/talk.h"

static bool read_url(const struct json *v, struct serve_hook *h, struct situs_err *err)
{
    struct json at;
    if (!serve_member_text(v, "url", URL_MAX, &h->url, err))
        return false;
    const char *why = url_refused(h->url);
    return !why || (json_get(v, "url", &at, err) &&
                    json_fail(&at, SITUS_NOT_ALLOWED, "https://HOST[:PORT][/PATH]", why, err));
}

static bool read_hook(const struct json *v, struct serve_hook *h, struct situs_err *err)
{
    h->name = v->key;
    if (!serve_member_is_name(h->name))
        return json_fail(v, SITUS_MALFORMED, "1 to 63 of a-z, 0-9 and \"-\"",
                         TEXT_CUT(span_text(h->name)), err);
    return json_as_object(v, err) && JSON_KNOWN(v, err, "url", "policy", "cacert") &&
           serve_member_text(v, "policy", TALK_NAME, &h->policy_name, err) && read_url(v, h, err) &&
           serve_member_optional(v, "cacert", PATH_MAX, &h->cacert, err);
}

bool serve_hooks_read(struct serve_hooks *h, const struct json *watch, struct situs_err *err)
{
    struct json list, v = {0};
    if (!json_has(watch, "webhooks"))
        return true;
    if (!json_get_object(watch, "webhooks", &list, err))
        return false;
    size_t n = json_count(&list);
    if (n == 0 || n > SERVE_HOOKS)
        return json_fail(&list, SITUS_NOT_ALLOWED, "1 to 4 webhooks", TEXT_NUM(n), err);
    while (json_next(&list, &v))
        if (!read_hook(&v, &h->v[h->n++], err))
            return false;
    return true;
}
