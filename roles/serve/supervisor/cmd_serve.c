/* situs serve: the verifier as a service. */
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "serve/fetcher/fetcher.h"
#include "serve/front/front.h"
#include "serve/gate/gate.h"
#include "serve/judge/judge_program.h"
#include "serve/keeper/keeper_issuer.h"
#include "serve/supervisor/generation_load.h"
#include "serve/supervisor/supervisor.h"
#include "serve/world/serve_listen.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* check_alliance does so for the alliance's signer, where there is one. */
static bool check_alliance(const struct serve_world *w, struct keeper_issuer *issuers)
{
    struct situs_err err = {0};
    if (!keeper_issuer_load(issuers, w->config.n, &w->config, &err)) {
        out_failure(&err);
        return false;
    }
    if (w->config.alliance.key)
        out_print("ok: alliance, issuer %s/alliance\n", w->config.base);
    return true;
}

/* check_policy loads what only the keeper has otherwise, and says what can be served now. */
static bool check_policy(const struct serve_world *w, struct keeper_issuer *issuers, size_t i)
{
    struct situs_err err = {0};
    const struct serve_policy *p = &w->config.policies[i];
    if (!keeper_issuer_load(issuers, i, &w->config, &err)) {
        out_failure(&err);
        return false;
    }
    if (p->key)
        out_print("ok: %s, issuer %s/p/%s\n", p->name, w->config.base, p->name);
    else
        out_print("ok: %s, no tokens\n", p->name);
    if (!serve_load_current(&w->loaded[i].term, (int64_t)time(NULL), &err)) {
        out_failure(&err);
        out_note("warning: policy \"%s\" cannot be served before that is renewed", p->name);
    }
    return true;
}

/* check_records looks whether what is kept can be kept; a database that is away may come back. */
static bool check_records(const struct serve_config *c)
{
    struct situs_err err = {0};
    char head[PATH_MAX];
    bool ok = !c->audit || (snprintf(head, sizeof head, "%s-head", c->audit) < (int)sizeof head &&
                            file_keeps(c->audit, &err) && file_keeps(head, &err));
    ok = ok && (!c->store_mark || file_keeps(c->store_mark, &err));
    if (ok && (c->store.sqlite || c->store.postgresql) && !database_look(&c->store, &err)) {
        ok = err.code == SITUS_INTERNAL;
        out_failure(&err);
        if (ok)
            out_note("warning: nothing is answered before the database is");
    } else if (!ok) {
        out_failure(&err);
    }
    return ok;
}

static int fetch_once(const char *path)
{
    static struct fetcher fetcher;
    struct serve_world *w = calloc(1, sizeof *w);
    int exit = EXIT_USAGE;
    if (w && serve_load(w, path) && fetcher_can(&fetcher, w) && generation_load_apart(w))
        exit = fetcher_once(&fetcher, w) == 0 ? EXIT_GOOD : EXIT_COLLATERAL;
    if (w)
        serve_load_free(w);
    free(w);
    return exit;
}

static int check(const char *path)
{
    static struct fetcher fetcher;
    struct serve_world *w = calloc(1, sizeof *w);
    struct keeper_issuer issuers[KEEPER_ISSUERS] = {{.key = NULL}};
    bool ok = w && serve_load(w, path) && fetcher_can(&fetcher, w) &&
              judge_program_can(&w->config) && generation_load_apart(w) &&
              check_records(&w->config);
    for (size_t i = 0; ok && i < w->config.n; i++)
        ok = check_policy(w, issuers, i);
    ok = ok && check_alliance(w, issuers);
    for (size_t i = 0; i < KEEPER_ISSUERS; i++)
        keeper_issuer_free(&issuers[i]);
    if (w)
        serve_load_free(w);
    free(w);
    return ok ? EXIT_GOOD : EXIT_USAGE;
}

command_function cmd_serve;
int cmd_serve(const struct command *own, int argc, char **argv)
{
    const char *path = NULL, *registrar = NULL, *listen = NULL;
    bool only_check = false, only_fetch = false;
    const struct supervisor_parts parts = {front_run, judge_appraise};
    const struct option options[] = {
        OPTION_VALUE("config", 'c', "FILE", &path, "what is served, and where (situs-serve(5))"),
        OPTION_FLAG("check", 0, &only_check, "say whether all of it can be loaded, and exit"),
        OPTION_VALUE("registrar", 0, "SOCKET", &registrar,
                     "serve the registrar at this socket, and nothing else"),
        OPTION_VALUE("listen", 0, "ADDRESS", &listen,
                     "where to: 127.0.0.1:PORT, [::1]:PORT or unix:/PATH"),
        OPTION_FLAG("fetch-once", 0, &only_fetch, "ask all sources of \"fetch\" once, and exit"),
    };
    const struct args args = {own, options, sizeof options / sizeof *options, 0, 0};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if ((registrar || listen) && (!registrar || !listen || path || only_check || only_fetch)) {
        out_error("--registrar and --listen go together, and with nothing else");
        out_hint("who certifies keys is another unit and user than who verifies evidence");
        return EXIT_USAGE;
    }
    if (registrar)
        return gate_run(listen, registrar);
    if (!path) {
        out_error("--config is missing");
        out_hint("situs-serve(5) says what belongs into the file");
        return EXIT_USAGE;
    }
    return only_check ? check(path) : only_fetch ? fetch_once(path) : supervisor_run(path, &parts);
}
