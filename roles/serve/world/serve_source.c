/* Sources of the configuration; see serve_source.h. */
#include "serve/world/serve_source.h"

#include "base/text.h"
#include "collateral/wanted.h"
#include "fetch/pcs.h"

#include <stdio.h>

#define DAY 86400
#define HOUR 3600

/* What belongs to a source of a kind, and how often it is asked where the configuration does not say. */
static const struct {
    const char *word, *must; /* must: the member that it cannot be without, if there is one */
    int64_t every;
} kinds[] = {
    [SERVE_SOURCE_COLLATERAL] = {"collateral", NULL, DAY},
    [SERVE_SOURCE_ENDORSEMENT] = {"endorsement", "url", HOUR},
    [SERVE_SOURCE_REFRESH] = {"refresh", "file", DAY},
};

static bool is_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return n > 0 && n < 64 && name[n] == 0 && name[0] != '-';
}

static bool read_kind(const struct json *v, struct serve_source *s, struct situs_err *err)
{
    const char *word;
    struct json kind;
    if (!serve_member_text(v, "kind", 32, &word, err) || !json_get(v, "kind", &kind, err))
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].word, word) == 0) {
            s->kind = (enum serve_source_kind)i;
            s->every = kinds[i].every;
            return !kinds[i].must || json_has(v, kinds[i].must) ||
                   json_fail(v, SITUS_MISSING, kinds[i].must, "none", err);
        }
    return json_fail(&kind, SITUS_UNKNOWN, "\"collateral\", \"endorsement\" or \"refresh\"",
                     TEXT_CUT(span_text(word)), err);
}

static bool known(const struct json *v, const struct serve_source *s, struct situs_err *err)
{
    return s->kind == SERVE_SOURCE_COLLATERAL
               ? JSON_KNOWN(v, err, "kind", "url", "platforms", "ca", "tee", "early", "products",
                            "key", "every_seconds")
           : s->kind == SERVE_SOURCE_ENDORSEMENT
               ? JSON_KNOWN(v, err, "kind", "url", "issuer", "every_seconds")
               : JSON_KNOWN(v, err, "kind", "file", "every_seconds");
}

/* one_of reads an optional member that is one of two words; the first where it is left out. */
static bool one_of(const struct json *v, const char *key, const char *const words[2],
                   const char **to, struct situs_err *err)
{
    struct json at;
    *to = words[0];
    if (!json_has(v, key))
        return true;
    if (!serve_member_text(v, key, 32, to, err) || !json_get(v, key, &at, err))
        return false;
    return strcmp(*to, words[0]) == 0 || strcmp(*to, words[1]) == 0 ||
           json_fail(&at, SITUS_UNKNOWN, words[0], TEXT_CUT(span_text(*to)), err);
}

/* read_names reads an optional list; each of its words must be one. */
static bool read_names(const struct json *v, const char *key, bool (*is)(struct span),
                       const char *expected, struct serve_paths *to, struct situs_err *err)
{
    struct json list;
    if (!json_has(v, key))
        return true;
    if (!serve_member_paths(v, key, to, err) || !json_get_array(v, key, &list, err))
        return false;
    for (size_t i = 0; i < to->n; i++)
        if (!is(span_text(to->v[i])))
            return json_fail(&list, SITUS_MALFORMED, expected, TEXT_CUT(span_text(to->v[i])), err);
    return to->n || json_fail(&list, SITUS_MISSING, expected, "none", err);
}

static bool is_fmspc(struct span word)
{
    uint8_t fmspc[6];
    return text_hex_read(fmspc, sizeof fmspc, word);
}

/* only_with refuses a member that says something of what is not there. */
static bool only_with(const struct json *v, const char *key, const struct serve_paths *of,
                      const char *expected, struct situs_err *err)
{
    struct json at;
    return of->n || !json_has(v, key) ||
           (json_get(v, key, &at, err) && json_fail(&at, SITUS_MISSING, expected, "none", err));
}

static bool read_platforms(const struct json *v, struct serve_source *s, struct situs_err *err)
{
    static const char *const cas[] = {"platform", "processor"}, *const tees[] = {"tdx", "sgx"},
                             *const keys[] = {"vcek", "vlek"};
    if (s->kind != SERVE_SOURCE_COLLATERAL)
        return true;
    return read_names(v, "platforms", is_fmspc, "FMSPCs, 12 hex digits each", &s->platforms, err) &&
           read_names(v, "products", wanted_is_product,
                      "AMD's products: Milan, Genoa, Turin, Venice", &s->products, err) &&
           one_of(v, "ca", cas, &s->ca, err) && one_of(v, "tee", tees, &s->tee, err) &&
           one_of(v, "key", keys, &s->key, err) &&
           only_with(v, "ca", &s->platforms, "platforms beside it", err) &&
           only_with(v, "tee", &s->platforms, "platforms beside it", err) &&
           only_with(v, "early", &s->platforms, "platforms beside it", err) &&
           only_with(v, "key", &s->products, "products beside it", err) &&
           (s->platforms.n || s->products.n ||
            json_fail(v, SITUS_MISSING, "platforms or products", "none", err));
}

static bool read_url(const struct json *v, struct serve_source *s, struct situs_err *err)
{
    struct json url;
    if (!serve_member_optional(v, "url", URL_MAX, &s->url, err) || !s->url)
        return err->code == SITUS_NONE;
    const char *why = url_refused(s->url);
    return !why || (json_get(v, "url", &url, err) &&
                    json_fail(&url, SITUS_NOT_ALLOWED, "https://HOST[:PORT][/PATH]", why, err));
}

/* read_early adds the source's other set, which no policy names. */
static bool read_early(struct serve_fetch *f, const struct json *v, struct situs_err *err)
{
    const struct serve_source *of = &f->v[f->n - 1];
    bool early = false;
    if (json_has(v, "early") && !json_get_bool(v, "early", &early, err))
        return false;
    if (!early)
        return true;
    if (f->n == SERVE_SOURCES)
        return json_fail(v, SITUS_TOO_LONG, TEXT_NUM(SERVE_SOURCES), "more sources", err);
    struct serve_source *s = &f->v[f->n++];
    *s = *of;
    s->kind = SERVE_SOURCE_EARLY;
    strcat(s->name, ".early"); /* is_name left room */
    return true;
}

static bool read_source(struct serve_fetch *f, const struct json *v, struct situs_err *err)
{
    struct serve_source *s = &f->v[f->n];
    if (f->n == SERVE_SOURCES)
        return json_fail(v, SITUS_TOO_LONG, TEXT_NUM(SERVE_SOURCES), "more sources", err);
    if (!is_name(v->key))
        return json_fail(v, SITUS_MALFORMED, "1 to 63 of a-z, 0-9 and \"-\"",
                         TEXT_CUT(span_text(v->key)), err);
    f->n++;
    s->policy = -1;
    snprintf(s->name, sizeof s->name, "%s", v->key);
    return json_as_object(v, err) && read_kind(v, s, err) && known(v, s, err) &&
           read_url(v, s, err) && serve_member_optional(v, "file", PATH_MAX, &s->file, err) &&
           serve_member_optional(v, "issuer", PATH_MAX, &s->issuer, err) &&
           read_platforms(v, s, err) &&
           (!json_has(v, "every_seconds") ||
            json_get_num(v, "every_seconds", 1, 30 * DAY, &s->every, err)) &&
           read_early(f, v, err);
}

static bool read_all(struct serve_fetch *f, const struct json *object, struct situs_err *err)
{
    struct json sources, v = {0};
    if (!serve_member_text(object, "cache", PATH_MAX - 80, &f->cache, err) ||
        !serve_member_optional(object, "proxy", URL_MAX, &f->proxy, err) ||
        !serve_member_optional(object, "cacert", PATH_MAX, &f->cacert, err) ||
        !serve_member_paths(object, "hosts", &f->hosts, err) ||
        (json_has(object, "offline") && !json_get_bool(object, "offline", &f->offline, err)) ||
        (json_has(object, "retry_seconds") &&
         !json_get_num(object, "retry_seconds", 1, HOUR, &f->retry, err)) ||
        (json_has(object, "timeout_seconds") &&
         !json_get_num(object, "timeout_seconds", 1, 600, &f->timeout, err)) ||
        !json_get_object(object, "sources", &sources, err))
        return false;
    while (json_next(&sources, &v))
        if (!read_source(f, &v, err))
            return false;
    return f->n > 0 || json_fail(&sources, SITUS_MISSING, "a source", "none", err);
}

bool serve_source_read(struct serve_fetch *f, const struct json *root, struct situs_err *err)
{
    struct json object;
    f->retry = 60;
    f->timeout = 30;
    return !json_has(root, "fetch") ||
           (json_get_object(root, "fetch", &object, err) &&
            JSON_KNOWN(&object, err, "cache", "sources", "hosts", "proxy", "cacert", "offline",
                       "retry_seconds", "timeout_seconds") &&
            read_all(f, &object, err));
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool serve_source_use(struct serve_fetch *f, const char *path, int policy, const char *trust,
                      int *source)
{
    const char *name = path + strlen(SERVE_FETCHED);
    *source = -1;
    if (strncmp(path, SERVE_FETCHED, strlen(SERVE_FETCHED)) != 0)
        return true;
    for (size_t i = 0; i < f->n; i++) {
        struct serve_source *s = &f->v[i];
        if (strcmp(s->name, name) != 0 || s->kind == SERVE_SOURCE_EARLY)
            continue;
        bool first = s->policy < 0, early = i + 1 < f->n && s[1].kind == SERVE_SOURCE_EARLY;
        for (size_t k = 0; first && k <= early; k++) {
            s[k].policy = policy;
            s[k].trust = trust;
        }
        *source = (int)i;
        return same(s->trust, trust);
    }
    return false;
}

bool serve_source_used(const struct serve_fetch *f, struct situs_err *err)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->v[i].policy < 0) {
            err_fail(err, SITUS_UNKNOWN, "configuration", "fetch.sources", SITUS_NO_OFFSET,
                     "a source that a policy names", f->v[i].name);
            return err_hint(err, "write \"" SERVE_FETCHED "NAME\" among its \"collateral\" or "
                                 "\"endorsements\", or take the source away");
        }
    return true;
}

void serve_source_path(const struct serve_fetch *f, size_t source, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", f->cache, f->v[source].name);
}
