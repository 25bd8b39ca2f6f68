/* The configuration of situs serve takes any bytes without harm; in what it takes names are URLs' own, each issuer has a
 * key of its own and an audience, and no token of a nonce that anybody brings is any bearer's. */
#include <assert.h>
#include <string.h>

#include "oracle.h"
#include "serve/serve_config.h"
#include "serve/serve_listen.h"

const char *const oracles[] = {"policy", "issuer", "default", NULL};

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
        assert((serve_config_policy(&c, "") >= 0) == (c.default_policy != NULL));
        if (c.default_policy)
            oracle_ran(2);
    }
    serve_config_free(&c);
    return 0;
}
