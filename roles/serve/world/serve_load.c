/* Loading what policies rest on; see serve_load.h. */
#include "serve/world/serve_load.h"

#include "base/item.h"
#include "base/limits.h"
#include "base/text.h"
#include "collateral/collateral_state.h"
#include "endorse/id_list/id_list.h"
#include "endorse/revocation/revocation.h"
#include "fetch/word.h"
#include "frame/out.h"
#include "serve/world/serve_dates.h"
#include "serve/world/serve_files.h"
#include "situs/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Reports go to strangers: they name files, and not where those lie. */
static const char *base_of(const char *path)
{
    const char *cut = strrchr(path, '/');
    if (!cut && strncmp(path, SERVE_FETCHED, strlen(SERVE_FETCHED)) == 0)
        cut = strchr(path, ':');
    return cut ? cut + 1 : path;
}

/* source_of is the source that a path names; -1: it names a file. The configuration has checked it. */
static int source_of(const struct serve_world *w, const char *path)
{
    for (size_t i = 0; i < w->config.fetch.n; i++)
        if (strncmp(path, SERVE_FETCHED, strlen(SERVE_FETCHED)) == 0 &&
            strcmp(path + strlen(SERVE_FETCHED), w->config.fetch.v[i].name) == 0)
            return (int)i;
    return -1;
}

/* lacks notes that the cache has nothing of a source that holds. */
static void lacks(struct serve_term *t, const struct serve_source *s)
{
    memcpy(t->missing, s->name, sizeof t->missing);
}

/* load_words verifies what a policy names. An endorsement that is refreshed begins as the file that the operator gave. */
static bool load_words(const struct serve_world *w, struct serve_loaded *l,
                       const struct serve_paths *paths, struct situs_err *err)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < paths->n; i++) {
        struct file *f = &l->words[i];
        int source = source_of(w, paths->v[i]);
        if (source >= 0 && w->held[source].holds) {
            file_free(f);
            serve_source_path(&w->config.fetch, (size_t)source, path);
            if (!file_read(f, path, LIMIT_LIST, err))
                return false;
        } else if (!f->p) {
            lacks(&l->term, &w->config.fetch.v[source]);
            continue;
        }
        l->items[l->n_items++] = item_of(base_of(paths->v[i]), file_span(f));
    }
    return load_endorsements(&l->endorsements, l->items, l->n_items, l->trust.trust, err);
}

/* load_early loads the early set beside a source, where the cache has one that holds. No verdict waits for it. */
static void load_early(const struct serve_world *w, struct serve_loaded *l, int source)
{
    char path[PATH_MAX];
    struct situs_err ignored = {0};
    size_t i = (size_t)source + 1;
    if (i >= w->config.fetch.n || w->config.fetch.v[i].kind != SERVE_SOURCE_EARLY ||
        !w->held[i].holds)
        return;
    serve_source_path(&w->config.fetch, i, path);
    if (!collateral_add(&l->early, path, &ignored) ||
        !load_snapshot(&l->forecast, l->early.parts, l->early.n, l->trust.trust, &ignored))
        out_note("%s holds no more: reports are without it", w->config.fetch.v[i].name);
}

static bool load_collateral(const struct serve_world *w, struct serve_loaded *l,
                            const struct serve_paths *paths, struct situs_err *err)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < paths->n; i++) {
        int source = source_of(w, paths->v[i]);
        if (source < 0)
            continue;
        serve_source_path(&w->config.fetch, (size_t)source, path);
        if (!w->held[source].holds)
            lacks(&l->term, &w->config.fetch.v[source]);
        else if (!collateral_add(&l->collateral, path, err))
            return false;
        load_early(w, l, source);
    }
    return serve_loaded_snapshot(l, err);
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
    struct situs_request request = serve_loaded_request(l);
    const struct situs_err why = {.code = SITUS_MISSING};
    size_t size = situs_verify_memory(&request);
    void *memory = malloc(size);
    const struct situs_result *r = situs_refused(&request, SITUS_INPUT_EVIDENCE, &why,
                                                 (struct situs_memory){memory, memory ? size : 0});
    bool ok = r && situs_result_sha256(r, SITUS_INPUT_POLICY, 0, l->sha256);
    free(memory);
    return ok || err_fail(err, SITUS_NO_MEMORY, "situs", "", SITUS_NO_OFFSET, "memory", "none");
}

/* bound narrows a term by one thing that it rests on. */
static void bound(struct serve_term *t, struct window valid, const char *name)
{
    if (valid.from > t->valid.from) {
        t->valid.from = valid.from;
        snprintf(t->begins, sizeof t->begins, "%s", name);
    }
    if (valid.to < t->valid.to) {
        t->valid.to = valid.to;
        snprintf(t->ends, sizeof t->ends, "%s", name);
    }
}

/* A list that has ended would fail each machine's own row, as if the evidence were bad. An ownership endorsement is of
 * one machine, and takes only that one's proof with it. */
static void bound_words(struct serve_term *t, const struct endorsements *words)
{
    for (size_t i = 0; i < words->n; i++) {
        const struct endorsement *e = &words->v[i];
        const struct id_list *list = e->kind == ENDORSEMENT_LIST ? e->doc : NULL;
        const struct revocation *revocation = e->kind == ENDORSEMENT_REVOCATION ? e->doc : NULL;
        if (list)
            bound(t, list->valid, e->part);
        if (revocation)
            bound(t, revocation->valid, e->part);
    }
    for (size_t i = 0; i < words->crls.n; i++)
        if (words->crls.v[i].why.code == SITUS_NONE)
            bound(t, words->crls.v[i].crl.valid, "CRL of an endorsement's signer");
}

static void set_term(struct serve_loaded *l)
{
    struct collateral_item item;
    struct serve_term *t = &l->term;
    t->valid = (struct window){INT64_MIN, INT64_MAX};
    for (size_t i = 0; l->snapshot.snapshot && collateral_item(l->snapshot.snapshot, i, &item); i++)
        bound(t, item.valid, item.name);
    if (l->endorsements.endorsements)
        bound_words(t, &l->endorsements.endorsements->words);
}

/* read_files reads the operator's files of a policy, as bytes. */
static bool read_files(const struct serve_world *w, struct serve_loaded *l,
                       const struct serve_policy *p, struct situs_err *err)
{
    const struct serve_paths *c = &p->collateral, *words = &p->endorsements;
    for (size_t i = 0; i < c->n; i++)
        if (source_of(w, c->v[i]) < 0 && !collateral_add(&l->collateral, c->v[i], err))
            return false;
    for (size_t i = 0; i < words->n; i++) {
        struct situs_err ignored = {0};
        int source = source_of(w, words->v[i]);
        const char *begins = source < 0 ? NULL : w->config.fetch.v[source].file;
        if (source < 0 && !file_read(&l->words[i], words->v[i], LIMIT_LIST, err))
            return false;
        if (begins && !file_read(&l->words[i], begins, LIMIT_LIST, &ignored))
            out_note("%s is not there, and is asked for", begins);
    }
    return true;
}

static bool load_own(struct serve_world *w, size_t i)
{
    struct situs_err err = {0};
    struct serve_loaded *l = &w->loaded[i];
    const struct serve_policy *p = &w->config.policies[i];
    l->policy.called = p->name;
    if (!load_policy(&l->policy, p->file) || !load_trust(&l->trust, p->trust))
        return false;
    l->require = l->policy.policy->policy.require;
    l->simulated = l->policy.policy->policy.simulated && has_simulated(l->trust.trust);
    if (read_files(w, l, p, &err) && ask_digest(l, &err))
        return true;
    out_failure(&err);
    return false;
}

/* load_rest verifies what has a time, and says when the policy can be served. */
static bool load_rest(struct serve_world *w, size_t i)
{
    struct situs_err err = {0};
    struct serve_loaded *l = &w->loaded[i];
    const struct serve_policy *p = &w->config.policies[i];
    l->term = (struct serve_term){.missing = ""};
    if (load_collateral(w, l, &p->collateral, &err) && load_words(w, l, &p->endorsements, &err)) {
        set_term(l);
        return true;
    }
    out_failure(&err);
    return false;
}

/* read_word verifies what the cache has of a source alone, as it was before it came there. One that is out of its time
 * is held all the same, and its policies wait for the next. */
static bool read_word(const struct serve_source *s, const struct situs_trust *trust,
                      const char *path, struct window *valid)
{
    struct situs_err err = {0};
    struct file file = {.p = NULL}, issuer = {.p = NULL};
    struct word w = {.what = NULL};
    struct word_rules rules = {.trust = trust, .at = (int64_t)time(NULL)};
    bool ok = file_read(&file, path, LIMIT_LIST, &err) &&
              (!s->issuer || file_read(&issuer, s->issuer, LIMIT_CERT, &err));
    const struct situs_item item = item_of(s->name, file_span(&file));
    rules.issuer = file_span(&issuer);
    ok = ok && (word_read(&w, &item, &rules, &err) || err.code == SITUS_EXPIRED ||
                err.code == SITUS_NOT_YET_VALID);
    *valid = w.valid;
    word_free(&w);
    file_free(&file);
    file_free(&issuer);
    return ok;
}

static bool read_collateral(const struct situs_trust *trust, const char *path, struct window *valid)
{
    struct situs_err err = {0};
    struct collateral *c = calloc(1, sizeof *c);
    struct loaded_snapshot s = {.snapshot = NULL};
    struct collateral_item item;
    bool ok = c && collateral_add(c, path, &err) && load_snapshot(&s, c->parts, c->n, trust, &err);
    *valid = (struct window){INT64_MIN, INT64_MAX};
    for (size_t i = 0; ok && collateral_item(s.snapshot, i, &item); i++) {
        valid->from = item.valid.from > valid->from ? item.valid.from : valid->from;
        valid->to = item.valid.to < valid->to ? item.valid.to : valid->to;
    }
    load_snapshot_free(&s);
    if (c)
        collateral_free(c);
    free(c);
    return ok;
}

/* look says what the cache has of each source. */
static void look(struct serve_world *w)
{
    const struct serve_fetch *f = &w->config.fetch;
    for (size_t i = 0; i < f->n; i++) {
        char path[PATH_MAX];
        struct serve_held *held = &w->held[i];
        const struct serve_source *s = &f->v[i];
        const struct situs_trust *trust = w->loaded[s->policy].trust.trust;
        bool word = s->kind != SERVE_SOURCE_COLLATERAL && s->kind != SERVE_SOURCE_EARLY;
        serve_source_path(f, i, path);
        held->holds =
            access(path, F_OK) == 0 && (word ? read_word(s, trust, path, &held->valid)
                                             : read_collateral(trust, path, &held->valid));
    }
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

/* differs says that a trust store has another certificate by the name of an anchor, and both may sign lists. */
static bool differs(const struct trust *trust, const struct anchor *a)
{
    for (size_t i = 0; i < trust->n; i++) {
        const struct anchor *b = &trust->anchors[i];
        if (a->uses & b->uses & (ANCHOR_LIST | ANCHOR_POE) && strcmp(a->name, b->name) == 0 &&
            memcmp(a->sha256, b->sha256, sizeof a->sha256) != 0)
            return true;
    }
    return false;
}

/* Numbers of lists are counted by the names of anchors: else who signs lists for one policy would raise those of another's
 * until no list of that one is new enough. */
static bool names_are_one(const struct serve_world *w, size_t one, size_t other)
{
    const struct trust *trust = &w->loaded[one].trust.trust->trust;
    for (size_t i = 0; i < trust->n; i++)
        if (differs(&w->loaded[other].trust.trust->trust, &trust->anchors[i])) {
            out_error("policies \"%s\" and \"%s\": anchor \"%s\" is two certificates",
                      w->config.policies[other].name, w->config.policies[one].name,
                      trust->anchors[i].name);
            out_hint("numbers of lists are counted by the names of anchors: call one otherwise");
            return false;
        }
    return true;
}

/* watched_live says that whoever is watched must show that it lives: old evidence would be the same each time. */
static bool watched_live(const struct serve_world *w)
{
    for (size_t i = 0; i < w->config.machines.n; i++) {
        const struct serve_machine *m = &w->config.machines.v[i];
        if (w->loaded[m->policy].require & (PROOFS_LIVE | PROOFS_BOUND))
            continue;
        out_error("machine \"%s\" is watched under policy \"%s\", which does not require live",
                  m->name, m->policy_name);
        out_hint("require live, or what contains it, as bound or owned");
        return false;
    }
    return true;
}

static void say_policy(const struct serve_world *w, size_t i)
{
    out_hint("policy \"%s\" of %s names it", w->config.policies[i].name, w->config.file.path);
}

bool serve_load(struct serve_world *w, const char *path)
{
    struct situs_err err = {0};
    if (!serve_config_read(&w->config, path))
        return false;
    if (!serve_files_differ(&w->config, &err)) {
        out_failure(&err);
        return false;
    }
    for (size_t i = 0; i < w->config.n; i++)
        if (!load_own(w, i)) {
            say_policy(w, i);
            return false;
        }
    for (size_t i = 0; i < w->config.n; i++)
        for (size_t k = 0; k < i; k++)
            if (!names_are_one(w, i, k))
                return false;
    return names_say_simulated(w) && watched_live(w);
}

/* count notes the dates and the numbers of what policies hold. */
static bool count(struct serve_world *w)
{
    int64_t at = (int64_t)time(NULL);
    if (!serve_loaded_room(w))
        return false;
    serve_dates_of(w->dates, w);
    for (size_t i = 0; i < w->config.n; i++) {
        const struct serve_loaded *l = &w->loaded[i];
        struct serve_number *rows = w->numbers + w->n_numbers;
        size_t n = l->endorsements.endorsements
                       ? serve_seen_numbers(rows, l->endorsements.endorsements, l->trust.trust, at)
                       : 0;
        for (size_t k = 0; k < n; k++)
            rows[k].policy = i;
        w->n_numbers += n;
    }
    return true;
}

bool serve_load_verify(struct serve_world *w)
{
    look(w);
    for (size_t i = 0; i < w->config.n; i++)
        if (!load_rest(w, i)) {
            say_policy(w, i);
            return false;
        }
    return count(w);
}

static void free_one(struct serve_loaded *l)
{
    load_endorsements_free(&l->endorsements);
    for (size_t i = 0; i < SITUS_ENDORSEMENTS; i++)
        file_free(&l->words[i]);
    load_snapshot_free(&l->snapshot);
    load_snapshot_free(&l->forecast);
    collateral_free(&l->collateral);
    collateral_free(&l->early);
    load_policy_free(&l->policy);
    load_trust_free(&l->trust);
}

void serve_load_free(struct serve_world *w)
{
    for (size_t i = 0; i < w->config.n; i++)
        free_one(&w->loaded[i]);
    free(w->numbers);
    free(w->dates);
    serve_config_free(&w->config);
}

bool serve_load_current(const struct serve_term *t, int64_t at, struct situs_err *err)
{
    if (t->missing[0]) {
        err_fail(err, SITUS_MISSING, t->missing, "", SITUS_NO_OFFSET, "what is fetched",
                 "nothing that holds");
        return err_hint(err, "the service fetches it, and says in its log why it could not");
    }
    return word_in_time((struct window){INT64_MIN, t->valid.to}, t->ends, at, err) &&
           word_in_time((struct window){t->valid.from, INT64_MAX}, t->begins, at, err);
}
