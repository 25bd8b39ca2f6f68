/* Watched machines of the configuration; see serve_machines.h. */
#include "serve/world/serve_machines.h"

#include "base/text.h"
#include "serve/world/serve_member.h"
#include "serve/world/talk.h"

#include <stdlib.h>

#define H_LEAST 2 /* seconds */
#define H_MOST 86400
#define H_DEFAULT 60

/* By what a machine is known. */
static const struct {
    const char *member;
    enum record_ids id;
    size_t least, most; /* bytes */
} ids[] = {
    {"ek_name", RECORD_EK, 34, 66},
    {"ak_name", RECORD_AK, 34, 66},
    {"piid", RECORD_PLATFORM, 16, 16},
    {"chip_id", RECORD_PLATFORM, 8, 64},
};

static bool read_id(const struct json *v, size_t i, struct serve_machine *m, struct situs_err *err)
{
    struct json at;
    struct span hex;
    struct record_id *to = &m->terms.ids[ids[i].id];
    if (!json_has(v, ids[i].member))
        return true;
    if (!json_get(v, ids[i].member, &at, err) || !json_as_text(&at, &hex, err))
        return false;
    if (to->n)
        return json_fail(&at, SITUS_DUPLICATE, "one of \"piid\" and \"chip_id\"", "both", err);
    size_t n = hex.n / 2;
    if (n < ids[i].least || n > ids[i].most || !text_hex_read(to->v, n, hex))
        return json_fail(&at, SITUS_MALFORMED, "an id in hex", TEXT_CUT(hex), err);
    to->n = (uint8_t)n;
    return true;
}

static bool read_ids(const struct json *v, struct serve_machine *m, struct situs_err *err)
{
    bool any = false;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (!read_id(v, i, m, err))
            return false;
        any = any || m->terms.ids[ids[i].id].n;
    }
    if (!any) {
        json_fail(v, SITUS_MISSING, "\"ek_name\", \"ak_name\", \"piid\" or \"chip_id\"", "none",
                  err);
        return err_hint(err, "without one, whatever answers first would be the machine");
    }
    m->terms.has_channel = json_has(v, "channel_sha256");
    return !m->terms.has_channel ||
           json_get_hex(v, "channel_sha256", m->terms.channel, sizeof m->terms.channel, err);
}

static bool read_target(const struct json *v, const struct dial_config *dial,
                        struct serve_machine *m, struct situs_err *err)
{
    struct span target;
    struct json at;
    if (!json_get_text(v, "target", &target, err) || !json_get(v, "target", &at, err))
        return false;
    m->target = dial_config_find(dial, target);
    return m->target >= 0 || json_fail(&at, SITUS_UNKNOWN, "one of the targets of \"connect\"",
                                       TEXT_CUT(target), err);
}

/* read_site takes a name as people give one, or none. */
static bool read_site(const struct json *v, struct serve_machine *m, struct situs_err *err)
{
    struct json at;
    struct span text;
    if (!json_has(v, "site"))
        return true;
    if (!json_get(v, "site", &at, err) || !json_as_text(&at, &text, err))
        return false;
    if (!text_is_name(text, SERVE_SITE))
        return json_fail(&at, SITUS_MALFORMED, "1 to 64 bytes of text", TEXT_CUT(text), err);
    m->site = (const char *)text.p;
    return true;
}

static bool read_machine(const struct json *v, const struct dial_config *dial,
                         struct serve_machine *m, struct situs_err *err)
{
    int64_t h = H_DEFAULT;
    m->name = v->key;
    if (!serve_member_is_name(m->name))
        return json_fail(v, SITUS_MALFORMED, "1 to 63 of a-z, 0-9 and \"-\"",
                         TEXT_CUT(span_text(m->name)), err);
    if (!json_as_object(v, err) ||
        !JSON_KNOWN(v, err, "policy", "target", "site", "ek_name", "ak_name", "piid", "chip_id",
                    "channel_sha256", "within_seconds") ||
        !serve_member_text(v, "policy", TALK_NAME, &m->policy_name, err) ||
        !read_target(v, dial, m, err) || !read_site(v, m, err) || !read_ids(v, m, err) ||
        (json_has(v, "within_seconds") &&
         !json_get_num(v, "within_seconds", H_LEAST, H_MOST, &h, err)))
        return false;
    m->terms.h = h * 1000;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct serve_machine *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static bool read_list(const struct json *list, const struct dial_config *dial,
                      struct serve_machines *m, struct situs_err *err)
{
    struct json v = {0};
    size_t n = json_count(list);
    if (n == 0 || n > SERVE_MACHINES)
        return json_fail(list, SITUS_NOT_ALLOWED, "1 to 1024 machines", TEXT_NUM(n), err);
    m->v = calloc(n, sizeof *m->v);
    if (!m->v)
        return json_no_memory(list, err);
    while (json_next(list, &v))
        if (!read_machine(&v, dial, &m->v[m->n++], err))
            return false;
    qsort(m->v, m->n, sizeof *m->v, by_name);
    return true;
}

bool serve_machines_read(struct serve_machines *m, const struct dial_config *dial,
                         const struct json *root, struct situs_err *err)
{
    struct json watch, list;
    if (!json_has(root, "watch"))
        return true;
    if (!json_get_object(root, "watch", &watch, err) ||
        !JSON_KNOWN(&watch, err, "mark", "machines", "webhooks") ||
        !serve_member_text(&watch, "mark", PATH_MAX - 32, &m->mark, err) ||
        !json_get_object(&watch, "machines", &list, err) ||
        !serve_hooks_read(&m->hooks, &watch, err))
        return false;
    if (!json_has(root, "store"))
        return json_fail(&watch, SITUS_MISSING, "\"store\" beside it", "none", err);
    return read_list(&list, dial, m, err);
}

void serve_machines_free(struct serve_machines *m)
{
    free(m->v);
    *m = (struct serve_machines){.n = 0};
}

int serve_machines_find(const struct serve_machines *m, const char *name)
{
    const struct serve_machine key = {.name = name};
    const struct serve_machine *at = m->n ? bsearch(&key, m->v, m->n, sizeof key, by_name) : NULL;
    return at ? (int)(at - m->v) : -1;
}
