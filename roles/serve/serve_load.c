/* Loading what policies rest on; see serve_load.h. */
#include "serve/serve_load.h"

#include "base/item.h"
#include "base/limits.h"
#include "base/text.h"
#include "collateral/collateral_state.h"
#include "endorse/id_list/id_list.h"
#include "endorse/revocation/revocation.h"
#include "fetch/word.h"
#include "frame/out.h"
#include "situs/door.h"

#include <stdio.h>
#include <stdlib.h>

/* Reports go to strangers: they name files, and not where those lie. */
static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool load_words(struct serve_loaded *l, const struct serve_paths *paths,
                       struct situs_err *err)
{
    for (size_t i = 0; i < paths->n; i++) {
        if (!file_read(&l->words[i], paths->v[i], LIMIT_LIST, err))
            return false;
        l->items[i] = item_of(base_of(paths->v[i]), file_span(&l->words[i]));
    }
    return load_endorsements(&l->endorsements, l->items, paths->n, l->trust.trust, err);
}

static bool load_collateral(struct serve_loaded *l, const struct serve_paths *paths,
                            struct situs_err *err)
{
    for (size_t i = 0; i < paths->n; i++)
        if (!collateral_add(&l->collateral, paths->v[i], err))
            return false;
    if (l->collateral.n == 0)
        return true;
    if (!load_snapshot(&l->snapshot, l->collateral.parts, l->collateral.n, l->trust.trust, err))
        return false;
    situs_snapshot_tabulate(l->snapshot.snapshot);
    return true;
}

static bool has_simulated(const struct situs_trust *trust)
{
    for (size_t i = 0; i < trust->trust.n; i++)
        if (trust->trust.anchors[i].simulated)
            return true;
    return false;
}

/* The digest of the policy is the library's word, as in the record of a judge. */
static bool ask_digest(struct serve_loaded *l, struct situs_err *err)
{
    struct situs_request request = serve_load_request(l);
    const struct situs_err why = {.code = SITUS_MISSING};
    size_t size = situs_verify_memory(&request);
    void *memory = malloc(size);
    const struct situs_result *r =
        situs_refused(&request, &why, (struct situs_memory){memory, memory ? size : 0});
    bool ok = r && situs_result_sha256(r, SITUS_INPUT_POLICY, 0, l->sha256);
    free(memory);
    return ok || err_fail(err, SITUS_NO_MEMORY, "situs", "", SITUS_NO_OFFSET, "memory", "none");
}

static bool load_one(struct serve_loaded *l, const struct serve_policy *p)
{
    struct situs_err err = {0};
    l->policy.called = p->name;
    if (!load_policy(&l->policy, p->file) || !load_trust(&l->trust, p->trust))
        return false;
    l->require = l->policy.policy->policy.require;
    l->simulated = l->policy.policy->policy.simulated && has_simulated(l->trust.trust);
    if (load_collateral(l, &p->collateral, &err) && load_words(l, &p->endorsements, &err) &&
        ask_digest(l, &err))
        return true;
    out_failure(&err);
    return false;
}

/* Where one lab's anchor counts, every issuer of the service says so: its name is in each token. */
static bool names_say_simulated(const struct serve_world *w)
{
    const struct serve_config *c = &w->config;
    const char *lab = NULL;
    for (size_t i = 0; i < c->n && !lab; i++)
        lab = w->loaded[i].simulated ? c->policies[i].name : NULL;
    for (size_t i = 0; i < c->n; i++) {
        bool says = strncmp(c->policies[i].name, SERVE_SIMULATED, strlen(SERVE_SIMULATED)) == 0;
        if (says == (lab != NULL))
            continue;
        if (lab)
            out_error(
                "policy \"%s\": anchors of a lab count for \"%s\", and its name does not say so",
                c->policies[i].name, lab);
        else
            out_error("policy \"%s\": no anchor of a lab counts here", c->policies[i].name);
        out_hint(
            lab ? "a service in which a lab's anchors count has simulated issuers only: call it "
                  "\"" SERVE_SIMULATED "%s\""
                : "choose a name that does not begin with \"" SERVE_SIMULATED "\", not %s",
            c->policies[i].name);
        return false;
    }
    return true;
}

bool serve_load(struct serve_world *w, const char *path)
{
    if (!serve_config_read(&w->config, path))
        return false;
    for (size_t i = 0; i < w->config.n; i++)
        if (!load_one(&w->loaded[i], &w->config.policies[i])) {
            out_hint("policy \"%s\" of %s names it", w->config.policies[i].name, path);
            return false;
        }
    return names_say_simulated(w);
}

static void free_one(struct serve_loaded *l)
{
    load_endorsements_free(&l->endorsements);
    for (size_t i = 0; i < SITUS_ENDORSEMENTS; i++)
        file_free(&l->words[i]);
    load_snapshot_free(&l->snapshot);
    collateral_free(&l->collateral);
    load_policy_free(&l->policy);
    load_trust_free(&l->trust);
}

void serve_load_free(struct serve_world *w)
{
    for (size_t i = 0; i < w->config.n; i++)
        free_one(&w->loaded[i]);
    serve_config_free(&w->config);
}

struct situs_request serve_load_request(const struct serve_loaded *l)
{
    return (struct situs_request){
        .endorsements = l->endorsements.endorsements,
        .trust = l->trust.trust,
        .policy = l->policy.policy,
        .snapshot = l->snapshot.snapshot,
    };
}

/* A list that has ended would fail each machine's own row, as if the evidence were bad. An ownership endorsement is of
 * one machine, and takes only that one's proof with it. */
static bool words_current(const struct situs_endorsements *given, int64_t at, struct situs_err *err)
{
    const struct endorsements *words = &given->words;
    for (size_t i = 0; i < words->n; i++) {
        const struct endorsement *e = &words->v[i];
        const struct id_list *list = e->kind == ENDORSEMENT_LIST ? e->doc : NULL;
        const struct revocation *revocation = e->kind == ENDORSEMENT_REVOCATION ? e->doc : NULL;
        if ((list && !word_in_time(list->valid, e->part, at, err)) ||
            (revocation && !word_in_time(revocation->valid, e->part, at, err)))
            return false;
    }
    for (size_t i = 0; i < words->crls.n; i++)
        if (words->crls.v[i].why.code == SITUS_NONE &&
            !word_in_time(words->crls.v[i].crl.valid, "CRL of an endorsement's signer", at, err))
            return false;
    return true;
}

bool serve_load_current(const struct serve_loaded *l, int64_t at, struct situs_err *err)
{
    const struct situs_endorsements *given = l->endorsements.endorsements;
    return (!l->snapshot.snapshot || collateral_current(l->snapshot.snapshot, at, err)) &&
           (!given || words_current(given, at, err));
}
