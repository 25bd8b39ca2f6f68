/* Keys and tokens of a policy; see keeper_issuer.h. */
#include "serve/keeper/keeper_issuer.h"

#include "base/item.h"
#include "base/limits.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define CREDENTIAL "credential:" /* of systemd.exec(5), LoadCredential= */

/* place_of is the file of a key: a path, or the name of a credential that the service manager gave. */
static bool place_of(const char *key, char path[PATH_MAX], struct situs_err *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY"), *name = key + strlen(CREDENTIAL);
    if (strncmp(key, CREDENTIAL, strlen(CREDENTIAL)) != 0)
        return snprintf(path, PATH_MAX, "%s", key) < PATH_MAX;
    if (!folder || !name[0] || strchr(name, '/')) {
        err_fail(err, SITUS_MISSING, key, "", SITUS_NO_OFFSET, "a credential of the service",
                 folder ? "no such name" : "a start without credentials");
        return err_hint(err, "the service's unit names it: LoadCredential=NAME:FILE");
    }
    return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX;
}

static struct sign_key *read_key(const char *key, struct situs_err *err)
{
    char path[PATH_MAX];
    struct file f = {0};
    struct sign_key *read = NULL;
    if (place_of(key, path, err) && file_read(&f, path, LIMIT_CERT, err))
        read = token_key_read(item_of(key, file_span(&f)), err);
    if (f.p)
        explicit_bzero(f.p, f.n);
    file_free(&f);
    return read;
}

/* differs says that no key of an issuer is this one, wherever they lie. */
static bool differs(const struct keeper_issuer *i, const struct sign_key *key, const char *name,
                    struct situs_err *err)
{
    const struct sign_key *const theirs[] = {i->key, i->next, i->last};
    for (size_t k = 0; k < 3; k++)
        if (theirs[k] && theirs[k] != key && !token_keys_differ(theirs[k], key)) {
            err_fail(err, SITUS_DUPLICATE, name, "", SITUS_NO_OFFSET, "a key of its own",
                     i->issuer);
            return err_hint(err, "make another: a token of one policy must be none of another's");
        }
    return true;
}

bool keeper_issuer_load(struct keeper_issuer *all, size_t n, const struct serve_config *c,
                        struct situs_err *err)
{
    struct keeper_issuer *i = &all[n];
    const struct serve_policy *p = n < c->n ? &c->policies[n] : &c->alliance;
    *i = (struct keeper_issuer){.policy = p};
    if (!p->key)
        return true;
    snprintf(i->issuer, sizeof i->issuer, "%s/%s%s", c->base, n < c->n ? "p/" : "", p->name);
    i->key = read_key(p->key, err);
    i->next = i->key && p->next_key ? read_key(p->next_key, err) : NULL;
    bool ok = i->key && (i->next || !p->next_key);
    i->last = ok && p->last_key ? read_key(p->last_key, err) : NULL;
    ok = ok && (i->last || !p->last_key);
    for (size_t k = 0; ok && k <= n; k++)
        ok = differs(&all[k], i->key, p->key, err) &&
             (!i->next || differs(&all[k], i->next, p->next_key, err)) &&
             (!i->last || differs(&all[k], i->last, p->last_key, err));
    return ok;
}

void keeper_issuer_free(struct keeper_issuer *i)
{
    token_key_free(i->key);
    token_key_free(i->next);
    token_key_free(i->last);
    *i = (struct keeper_issuer){.key = NULL};
}

int keeper_issuer_sign(const struct keeper_issuer *i, const struct keeper_signing *s,
                       struct situs_err *err)
{
    char text[TOKEN_MAX];
    struct token_facts facts = {.issuer = i->issuer,
                                .audience = i->policy->audience,
                                .policy = i->policy->name,
                                .party_nonce = s->party_nonce.p,
                                .party_nonce_size = s->party_nonce.n,
                                .now = s->record->at,
                                .life = TOKEN_LIFE,
                                .judges = (unsigned)s->judges,
                                .builds = (unsigned)s->builds,
                                .bearer = i->policy->bearer,
                                .party_challenge = s->party_challenge,
                                .span = s->span,
                                .dialect = i->policy->dialect};
    memcpy(facts.policy_sha256, s->policy_sha256, sizeof facts.policy_sha256);
    memcpy(facts.nonce, s->entered, sizeof facts.nonce);
    memcpy(facts.id, s->id, sizeof facts.id);
    return token_write(i->key, s->record, &facts, text, sizeof text, err)
               ? talk_memory(text, strlen(text))
               : -1;
}

int keeper_issuer_keys(const struct keeper_issuer *i, struct situs_err *err)
{
    char text[TOKEN_MAX];
    const struct sign_key *keys[3] = {i->key};
    size_t n = 1;
    if (i->next)
        keys[n++] = i->next;
    if (i->last)
        keys[n++] = i->last;
    return token_keys_write(keys, n, text, sizeof text, err) ? talk_memory(text, strlen(text)) : -1;
}
