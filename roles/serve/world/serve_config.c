/* Reading the configuration; see serve_config.h. */
#include "serve/world/serve_config.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/wr.h"
#include "frame/load.h"
#include "frame/out.h"
#include "serve/world/serve_listen.h"
#include "serve/world/talk.h"
#include "token/token.h"

#include <limits.h>
#include <unistd.h>

/* Bytes of a file of the audit log, before it is put aside: less than situs audit verify takes, with what one write may
 * add. */
#define AUDIT_LEAST 4096
#define AUDIT_MOST (512 * 1024 * 1024)

static const struct {
    const char *object, *member;
    size_t field;
    int64_t least, most, value;
} limits[] = {
#define LIMIT(object, member, field, least, most, value) \
    {object, member, offsetof(struct serve_limits, field), least, most, value},
#include "serve/world/serve_limits.def"
#undef LIMIT
};
#define N_LIMITS (sizeof limits / sizeof *limits)

static int64_t *limit_at(struct serve_limits *to, size_t i)
{
    return (int64_t *)(void *)((char *)to + limits[i].field);
}

/* read_limits reads the members of "limits" or "deadlines". */
static bool read_limits(const struct json *root, const char *name, struct serve_limits *to,
                        struct situs_err *err)
{
    struct json object;
    const char *keys[N_LIMITS];
    size_t n = 0;
    for (size_t i = 0; i < N_LIMITS; i++)
        if (strcmp(limits[i].object, name) == 0)
            keys[n++] = limits[i].member;
    if (!json_has(root, name))
        return true;
    if (!json_get_object(root, name, &object, err) || !json_known(&object, keys, n, err))
        return false;
    for (size_t i = 0; i < N_LIMITS; i++)
        if (strcmp(limits[i].object, name) == 0 && json_has(&object, limits[i].member) &&
            !json_get_num(&object, limits[i].member, limits[i].least, limits[i].most,
                          limit_at(to, i), err))
            return false;
    return true;
}

static void default_limits(struct serve_limits *to)
{
    for (size_t i = 0; i < N_LIMITS; i++)
        *limit_at(to, i) = limits[i].value;
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    to->judges = n < 1 ? 1 : n > 64 ? 64 : n;
}

/* word reads an optional member that is one of n words; *out is its number. */
static bool word(const struct json *object, const char *key, const char *const *words, size_t n,
                 size_t *out, struct situs_err *err)
{
    struct json v;
    struct span s;
    char all[sizeof err->expected] = "";
    struct wr w = wr_new(all, sizeof all - 1);
    if (!json_has(object, key))
        return true;
    if (!json_get(object, key, &v, err) || !json_as_text(&v, &s, err))
        return false;
    for (*out = 0; *out < n; ++*out) {
        if (span_equal(s, span_text(words[*out])))
            return true;
        wr_format(&w, "%s\"%s\"", *out ? " or " : "", words[*out]);
    }
    return json_fail(&v, SITUS_UNKNOWN, all, TEXT_CUT(s), err);
}

static bool read_dialect(const struct json *object, struct serve_policy *p, struct situs_err *err)
{
    const char *words[8] = {NULL};
    size_t n = 0;
    while (n < 8 && (words[n] = token_dialect(n)))
        n++;
    return word(object, "dialect", words, n, &p->dialect, err);
}

/* read_challenger says whether a relying party may bring N. A token of one is for who knows that N alone: whoever gets an
 * old answer could have its N taken again. */
static bool read_challenger(const struct json *object, struct serve_policy *p,
                            struct situs_err *err)
{
    static const char *const words[] = {"verifier", "relying-party"};
    struct json v;
    size_t i = 0;
    if (!word(object, "challenger", words, 2, &i, err))
        return false;
    p->party_challenge = i == 1;
    if (!p->party_challenge || !p->bearer)
        return true;
    if (!json_get(object, "challenger", &v, err))
        return false;
    json_fail(&v, SITUS_NOT_ALLOWED, "\"verifier\" beside \"bearer\"", "\"relying-party\"", err);
    return err_hint(err, "who takes a token from any bearer does not know whose nonce is in it");
}

/* Tokens say for whom they are, or nobody may sign any. */
static bool read_issuer(const struct json *object, struct serve_policy *p, struct situs_err *err)
{
    if (!serve_member_optional(object, "key", PATH_MAX, &p->key, err) ||
        !serve_member_optional(object, "next_key", PATH_MAX, &p->next_key, err) ||
        !serve_member_optional(object, "last_key", PATH_MAX, &p->last_key, err) ||
        !serve_member_optional(object, "audience", TALK_TEXT - 1, &p->audience, err) ||
        (json_has(object, "bearer") && !json_get_bool(object, "bearer", &p->bearer, err)))
        return false;
    if (p->key && !p->audience)
        return json_fail(object, SITUS_MISSING, "\"audience\" beside \"key\"", "none", err);
    if (!p->key && (p->audience || p->next_key || p->last_key || p->bearer))
        return json_fail(object, SITUS_MISSING, "\"key\": without it no token is signed", "none",
                         err);
    return true;
}

static bool read_policy(const struct json *v, struct serve_policy *p, struct situs_err *err)
{
    p->name = v->key;
    if (!serve_member_is_name(p->name)) {
        json_fail(v, SITUS_MALFORMED, "1 to 63 of a-z, 0-9 and \"-\"", TEXT_CUT(span_text(p->name)),
                  err);
        return err_hint(err, "the name stands in URLs and in the issuer of tokens");
    }
    return json_as_object(v, err) &&
           JSON_KNOWN(v, err, "policy", "trust", "collateral", "endorsements", "key", "next_key",
                      "last_key", "audience", "bearer", "challenger", "dialect") &&
           serve_member_text(v, "policy", PATH_MAX, &p->file, err) &&
           serve_member_optional(v, "trust", PATH_MAX, &p->trust, err) &&
           serve_member_paths(v, "collateral", &p->collateral, err) &&
           serve_member_paths(v, "endorsements", &p->endorsements, err) && read_issuer(v, p, err) &&
           read_challenger(v, p, err) && read_dialect(v, p, err);
}

/* use_sources notes what a policy takes from the cache. Collateral of two origins could differ in what they have in
 * common, and then none of it would load. */
static bool use_sources(const struct json *v, struct serve_config *c, int policy,
                        struct situs_err *err)
{
    const struct serve_policy *p = &c->policies[policy];
    const struct serve_paths *lists[] = {&p->collateral, &p->endorsements};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->n; i++) {
            int source;
            bool fits = serve_source_use(&c->fetch, lists[k]->v[i], policy, p->trust, &source);
            if (source >= 0)
                fits = fits && k == (c->fetch.v[source].kind != SERVE_SOURCE_COLLATERAL) &&
                       (k == 1 || lists[k]->n == 1);
            if (fits)
                continue;
            json_fail(v, SITUS_NOT_ALLOWED,
                      "a source of \"fetch\" that is of this kind, by one trust file, and the only "
                      "collateral",
                      TEXT_CUT(span_text(lists[k]->v[i])), err);
            return err_hint(err, "situs-serve(5) says what a policy may name");
        }
    return true;
}

static bool read_policies(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    struct json object, v = {0};
    if (!json_get_object(root, "policies", &object, err))
        return false;
    if (json_count(&object) == 0 || json_count(&object) > SERVE_POLICIES)
        return json_fail(&object, SITUS_NOT_ALLOWED, "1 to 64 policies",
                         TEXT_NUM(json_count(&object)), err);
    while (json_next(&object, &v))
        if (!read_policy(&v, &c->policies[c->n++], err) || !use_sources(&v, c, (int)c->n - 1, err))
            return false;
    return serve_source_used(&c->fetch, err);
}

/* read_default is the policy that answers where a URL names none. */
static bool read_default(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    struct json v;
    if (!serve_member_optional(root, "default", TALK_NAME, &c->default_policy, err))
        return false;
    if (!c->default_policy || serve_config_policy(c, c->default_policy) >= 0)
        return true;
    return json_get(root, "default", &v, err) &&
           json_fail(&v, SITUS_UNKNOWN, "the name of one of \"policies\"",
                     TEXT_CUT(span_text(c->default_policy)), err);
}

/* read_listen takes an address; the service has no TLS of its own, and is not for the world. */
static bool read_listen(const struct json *root, const char *key, const char **to,
                        struct situs_err *err)
{
    struct json v;
    if (!serve_member_text(root, key, SERVE_ADDRESS - 1, to, err) || !json_get(root, key, &v, err))
        return false;
    if (serve_listen_known(*to))
        return true;
    json_fail(&v, SITUS_NOT_ALLOWED, "127.0.0.1:PORT, [::1]:PORT, unix:/PATH or systemd:NAME",
              TEXT_CUT(span_text(*to)), err);
    return err_hint(err, "nginx or HAProxy stands before it, with TLS");
}

/* read_base takes what others put "/p/NAME" behind: scheme and host, a path at most. */
static bool read_base(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    struct json v;
    if (!serve_member_text(root, "base", TALK_TEXT - TALK_NAME - 8, &c->base, err) ||
        !json_get(root, "base", &v, err))
        return false;
    const char *host = strncmp(c->base, "https://", 8) == 0  ? c->base + 8
                       : strncmp(c->base, "http://", 7) == 0 ? c->base + 7
                                                             : "";
    size_t n = strlen(host);
    bool plain = n > 0 && host[0] != '/' && host[n - 1] != '/';
    for (size_t i = 0; i < n; i++)
        plain = plain && host[i] > ' ' && host[i] < 0x7f && !strchr("?#\\\"<>", host[i]);
    return plain || json_fail(&v, SITUS_MALFORMED,
                              "https://HOST, as clients reach it, without a slash at its end",
                              TEXT_CUT(span_text(c->base)), err);
}

static bool read_audit(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    struct json object;
    c->audit_most = AUDIT_MOST;
    if (!json_has(root, "audit"))
        return true;
    return json_get_object(root, "audit", &object, err) &&
           JSON_KNOWN(&object, err, "file", "size_bytes") &&
           serve_member_text(&object, "file", PATH_MAX - 32, &c->audit, err) &&
           (!json_has(&object, "size_bytes") ||
            json_get_num(&object, "size_bytes", AUDIT_LEAST, AUDIT_MOST, &c->audit_most, err));
}

/* read_alliance reads who signs what the servers of the Proof of Cloud alliance sign, under which policy. */
static bool read_alliance(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    struct json object, v;
    const char *policy = NULL;
    if (!json_has(root, "alliance"))
        return true;
    if (!json_get_object(root, "alliance", &object, err) ||
        !JSON_KNOWN(&object, err, "policy", "key", "next_key", "last_key", "audience", "moniker") ||
        !serve_member_text(&object, "policy", TALK_NAME, &policy, err) ||
        !serve_member_text(&object, "key", PATH_MAX, &c->alliance.key, err) ||
        !serve_member_text(&object, "moniker", TALK_NAME - 1, &c->moniker, err) ||
        !read_issuer(&object, &c->alliance, err))
        return false;
    c->alliance.name = "alliance";
    c->alliance_policy = serve_config_policy(c, policy);
    return (c->alliance_policy >= 0 && c->policies[c->alliance_policy].endorsements.n > 0) ||
           (json_get(&object, "policy", &v, err) &&
            json_fail(&v, SITUS_NOT_ALLOWED, "one of \"policies\" that has a list of machines",
                      TEXT_CUT(span_text(policy)), err));
}

static bool read_padding(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    static const char *const words[] = {"base64url", "base64"};
    size_t i = 0;
    bool ok = word(root, "veraison_nonce", words, 2, &i, err);
    c->padded = i == 1;
    return ok;
}

/* read_store takes one of the two places. */
static bool read_store(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    struct json object;
    if (!json_has(root, "store"))
        return true;
    if (!json_get_object(root, "store", &object, err) ||
        !JSON_KNOWN(&object, err, "sqlite", "postgresql", "mark") ||
        !serve_member_optional(&object, "mark", PATH_MAX - 32, &c->store_mark, err) ||
        !serve_member_optional(&object, "sqlite", PATH_MAX, &c->store.sqlite, err) ||
        !serve_member_optional(&object, "postgresql", PATH_MAX, &c->store.postgresql, err))
        return false;
    return !c->store.sqlite != !c->store.postgresql ||
           json_fail(&object, SITUS_NOT_ALLOWED, "one of \"sqlite\" and \"postgresql\"",
                     c->store.sqlite ? "both" : "none", err);
}

/* read_forget takes the numbers that the operator does not believe, of what keeper_store puts on record. */
static bool read_forget(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    static const char *const kinds[] = {"ppid", "chip_id", "revocation", "date"};
    size_t kind;
    struct json list;
    if (!json_has(root, "forget"))
        return true;
    if (!json_get_array(root, "forget", &list, err))
        return false;
    if (json_count(&list) > SERVE_FORGET)
        return json_fail(&list, SITUS_TOO_LONG, TEXT_NUM(SERVE_FORGET), TEXT_NUM(json_count(&list)),
                         err);
    for (size_t i = 0; i < json_count(&list); i++) {
        const struct json v = json_element(&list, i);
        struct serve_forget *f = &c->forget[c->n_forget++];
        *f = (struct serve_forget){.subject = "", .facility = ""};
        if (!json_as_object(&v, err) ||
            !JSON_KNOWN(&v, err, "kind", "anchor", "subject", "facility", "number") ||
            !serve_member_text(&v, "kind", PATH_MAX, &f->kind, err) ||
            !word(&v, "kind", kinds, sizeof kinds / sizeof *kinds, &kind, err) ||
            !serve_member_text(&v, "anchor", PATH_MAX, &f->anchor, err) ||
            !serve_member_optional(&v, "subject", PATH_MAX, &f->subject, err) ||
            !serve_member_optional(&v, "facility", PATH_MAX, &f->facility, err) ||
            !json_get_num(&v, "number", 1, INT64_MAX, &f->number, err))
            return false;
    }
    return true;
}

/* read_replica takes a name that stands before a session. */
static bool read_replica(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    struct json v;
    c->replica = "";
    if (!json_has(root, "replica"))
        return true;
    return serve_member_text(root, "replica", SERVE_REPLICA - 1, &c->replica, err) &&
           (serve_member_is_name(c->replica) ||
            (json_get(root, "replica", &v, err) &&
             json_fail(&v, SITUS_MALFORMED, "1 to 15 of a-z, 0-9 and \"-\"",
                       TEXT_CUT(span_text(c->replica)), err)));
}

/* read_judges says who must agree before a token is signed; the second build is for nothing else. */
static bool read_judges(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    static const char *const words[] = {"two-builds", "two", "one"};
    bool any = c->alliance.key != NULL;
    size_t i = 0;
    if (!word(root, "judges", words, 3, &i, err))
        return false;
    for (size_t k = 0; k < c->n; k++)
        any = any || c->policies[k].key;
    c->agree = i == 2 ? 1 : 2;
    c->builds = i == 0 && any ? 2 : 1;
    return true;
}

/* is_audience says that tokens are for whom events would be for: who asks no token for its type would take one for the other. */
static bool is_audience(const struct serve_config *c, const char *url)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->policies[i].audience && strcmp(c->policies[i].audience, url) == 0)
            return true;
    return false;
}

/* find_signers finds whose keys sign for webhooks. */
static bool find_signers(const struct json *watch, struct serve_config *c, struct situs_err *err)
{
    for (size_t i = 0; i < c->machines.hooks.n; i++) {
        struct serve_hook *h = &c->machines.hooks.v[i];
        h->policy = serve_config_policy(c, h->policy_name);
        if (h->policy < 0 || !c->policies[h->policy].key)
            return json_fail(watch, SITUS_UNKNOWN, "the name of one of \"policies\" with a key",
                             TEXT_CUT(span_text(h->policy_name)), err);
        if (is_audience(c, h->url))
            return json_fail(watch, SITUS_NOT_ALLOWED, "webhooks whose url is no policy's audience",
                             TEXT_CUT(span_text(h->url)), err);
    }
    return true;
}

/* read_machines reads the watched machines, and finds their policies. */
static bool read_machines(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    struct json watch;
    if (!serve_machines_read(&c->machines, &c->dial, root, err))
        return false;
    for (size_t i = 0; i < c->machines.n; i++) {
        struct serve_machine *m = &c->machines.v[i];
        m->policy = serve_config_policy(c, m->policy_name);
        if (m->policy < 0)
            return json_get(root, "watch", &watch, err) &&
                   json_fail(&watch, SITUS_UNKNOWN, "the name of one of \"policies\"",
                             TEXT_CUT(span_text(m->policy_name)), err);
    }
    return c->machines.hooks.n == 0 ||
           (json_get(root, "watch", &watch, err) && find_signers(&watch, c, err));
}

static bool read_root(const struct json *root, struct serve_config *c, struct situs_err *err)
{
    default_limits(&c->limits);
    return json_as_object(root, err) &&
           JSON_KNOWN(root, err, "listen", "listen_private", "base", "default", "policies",
                      "judges", "veraison_nonce", "limits", "deadlines", "audit", "peer_key",
                      "fetch", "store", "replica", "connect", "alliance", "watch", "forget") &&
           read_padding(root, c, err) && read_listen(root, "listen", &c->listen, err) &&
           (!json_has(root, "listen_private") ||
            read_listen(root, "listen_private", &c->listen_private, err)) &&
           read_base(root, c, err) && serve_source_read(&c->fetch, root, err) &&
           read_policies(root, c, err) && read_default(root, c, err) &&
           read_alliance(root, c, err) && read_judges(root, c, err) && read_store(root, c, err) &&
           read_forget(root, c, err) && read_replica(root, c, err) && read_audit(root, c, err) &&
           read_limits(root, "limits", &c->limits, err) &&
           read_limits(root, "deadlines", &c->limits, err) &&
           peer_key_config(&c->peer_key, root, err) && dial_config_read(&c->dial, root, err) &&
           read_machines(root, c, err);
}

bool serve_config_text(struct serve_config *c, struct span text, struct situs_err *err)
{
    struct json root;
    return json_read(&c->doc, &root, text, "configuration", err) && read_root(&root, c, err);
}

bool serve_config_read(struct serve_config *c, const char *path)
{
    struct situs_err err = {0};
    if (!file_read(&c->file, path, LIMIT_POLICY, &err)) {
        out_failure(&err);
        return false;
    }
    if (serve_config_text(c, file_span(&c->file), &err))
        return true;
    load_failure(path, file_span(&c->file), "situs-serve(5) says what belongs there", &err);
    return false;
}

void serve_config_free(struct serve_config *c)
{
    json_free(&c->doc);
    file_free(&c->file);
    serve_machines_free(&c->machines);
    *c = (struct serve_config){.n = 0};
}

int serve_config_policy(const struct serve_config *c, const char *name)
{
    if (!name[0])
        name = c->default_policy ? c->default_policy : "";
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->policies[i].name, name) == 0)
            return (int)i;
    return -1;
}
