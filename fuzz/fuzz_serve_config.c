/* The configuration of situs serve takes any bytes without harm; in what it takes names are URLs' own, each issuer has a
 * key of its own and an audience, no token of a nonce that anybody brings is any bearer's, and each source has a use, an
 * address that may be asked and a file of its own in the cache. */
#include <assert.h>
#include <string.h>

#include "fetch/url.h"
#include "oracle.h"
#include "serve/world/serve_config.h"
#include "serve/world/serve_listen.h"

const char *const oracles[] = {"policy", "issuer", "default", "source", NULL};

static void issuer(const struct serve_config *c, size_t i)
{
    const struct serve_policy *p = &c->policies[i];
    assert(!p->key == !p->audience);
    assert(p->key || (!p->next_key && !p->bearer));
    assert(!p->bearer || !p->party_challenge);
    for (size_t k = 0; p->key && k < i; k++)
        assert(!c->policies[k].key || strcmp(c->policies[k].key, p->key) != 0);
    if (p->key)
        oracle_ran(1);
}

static void policy(const struct serve_config *c, size_t i)
{
    const struct serve_policy *p = &c->policies[i];
    assert(p->name[0] && !p->name[strspn(p->name, "abcdefghijklmnopqrstuvwxyz0123456789-")]);
    assert(p->file[0] && p->collateral.n <= SERVE_PATHS && p->endorsements.n <= SERVE_PATHS);
    assert(serve_config_policy(c, p->name) == (int)i);
    issuer(c, i);
    oracle_ran(0);
}

static void source(const struct serve_config *c, size_t i)
{
    const struct serve_source *s = &c->fetch.v[i];
    size_t n = strspn(s->name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    bool early = s->kind == SERVE_SOURCE_EARLY;
    assert(n > 0 && strcmp(s->name + n, early ? ".early" : "") == 0);
    assert(s->policy >= 0 && (size_t)s->policy < c->n && s->every >= 1);
    assert(!s->url || !url_refused(s->url));
    assert(s->url || s->kind != SERVE_SOURCE_ENDORSEMENT);
    assert(s->file || s->kind != SERVE_SOURCE_REFRESH);
    assert(!early || (i > 0 && c->fetch.v[i - 1].kind == SERVE_SOURCE_COLLATERAL));
    for (size_t k = 0; k < i; k++)
        assert(strcmp(c->fetch.v[k].name, s->name) != 0);
    oracle_ran(3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct serve_config c = {.n = 0};
    struct situs_err err = {0};
    bool ok = serve_config_text(&c, span_of(data, size), &err);
    assert(ok == (err.code == SITUS_NONE));
    if (ok) {
        assert(c.n >= 1 && c.n <= SERVE_POLICIES && serve_listen_known(c.listen));
        assert(c.agree == 1 || c.agree == 2);
        for (size_t i = 0; i < c.n; i++)
            policy(&c, i);
        for (size_t i = 0; i < c.fetch.n; i++)
            source(&c, i);
        assert((serve_config_policy(&c, "") >= 0) == (c.default_policy != NULL));
        if (c.default_policy)
            oracle_ran(2);
    }
    serve_config_free(&c);
    return 0;
}
