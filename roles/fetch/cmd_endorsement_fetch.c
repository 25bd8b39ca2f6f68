/* situs endorsement fetch: words of others about machines, and CRLs of their signers, kept in a file. */
#include "base/item.h"
#include "base/limits.h"
#include "base/text.h"
#include "fetch/http.h"
#include "fetch/obtain.h"
#include "fetch/url.h"
#include "fetch/word.h"
#include "frame/exits.h"
#include "frame/out.h"

#include <stdio.h>
#include <stdlib.h>

struct options {
    const char *refresh, *issuer, *to;
    struct words hosts;
    struct obtain_options obtain;
};

/* A word in a file, or none. */
struct kept {
    struct file file;
    struct situs_item item;
    struct word word;
};

static void drop(struct kept *k)
{
    word_free(&k->word);
    file_free(&k->file);
}

/* read_kept reads what a path holds; false: no word that holds now. */
static bool read_kept(struct kept *k, const char *path, const struct word_rules *rules,
                      struct situs_err *err)
{
    if (!file_read(&k->file, path, LIMIT_LIST, err))
        return false;
    k->item = item_of(path, file_span(&k->file));
    return word_read(&k->word, &k->item, rules, err);
}

/* An address out of an endorsement is one that its signer may choose, among those that were allowed. */
static bool address_in(char url[URL_MAX], const struct options *o, const struct word *w,
                       struct situs_err *err)
{
    char text[URL_MAX] = "";
    snprintf(text, sizeof text, "%.*s", (int)(w->refresh.n < URL_MAX ? w->refresh.n : 0),
             (const char *)w->refresh.p);
    const char *why = w->refresh.n == 0 || memchr(w->refresh.p, 0, w->refresh.n)
                          ? "the endorsement does not say where the next one is"
                          : url_refused(text);
    if (!why && !url_at(text, o->hosts.v, o->hosts.n))
        why = "its host is not one of --host";
    if (!why) {
        snprintf(url, URL_MAX, "%s", text);
        return true;
    }
    err_fail(err, SITUS_NOT_ALLOWED, o->refresh, "refresh_uri", SITUS_NO_OFFSET,
             "an address at an allowed host", text[0] ? text : "none");
    return err_hint(err, why);
}

/* address finds whom to ask: as told, or what the endorsement says that is held. */
static bool address(char url[URL_MAX], const struct options *o, const struct kept *held,
                    const struct word_rules *rules, struct situs_err *err)
{
    struct kept first = {.file = {.p = NULL}};
    const char *why;
    if (!o->refresh) {
        why = url_refused(o->obtain.url);
        snprintf(url, URL_MAX, "%s", why ? "" : o->obtain.url);
        return !why || err_fail(err, SITUS_UNSUPPORTED, "--url", "", SITUS_NO_OFFSET,
                                "https://HOST[:PORT]/PATH", why);
    }
    bool ok = held->word.refresh.n ? address_in(url, o, &held->word, err)
                                   : read_kept(&first, o->refresh, rules, err) &&
                                         address_in(url, o, &first.word, err);
    drop(&first);
    return ok;
}

/* keep verifies what came, and puts it where it is wanted. */
static bool keep(const struct options *o, struct span bytes, const struct kept *held,
                 const struct word_rules *rules, struct situs_err *err)
{
    const struct situs_item item = item_of(o->to, bytes);
    struct word w = {.what = NULL};
    bool ok = word_read(&w, &item, rules, err) &&
              (!held->word.what || word_follows(&w, &held->word, err)) &&
              file_write(o->to, bytes, err);
    if (ok)
        out_note("%s now holds the %s of today", o->to, w.what);
    word_free(&w);
    return ok;
}

static bool issuer_of(const struct options *o, struct file *f, struct word_rules *rules,
                      struct situs_err *err)
{
    if (!o->issuer)
        return true;
    if (!file_read(f, o->issuer, LIMIT_CERT, err))
        return false;
    rules->issuer = file_span(f);
    return f->n > 1 && f->p[0] == 0x30 ? true
                                       : err_fail(err, SITUS_MALFORMED, o->issuer, "", 0,
                                                  "a certificate in DER", "another");
}

static bool fetch_it(const struct options *o, struct pcs_service *s, struct word_rules *rules,
                     struct situs_err *err)
{
    struct http_answer a = {.n = 0};
    struct situs_err ignored = {0};
    struct kept held = {.file = {.p = NULL}};
    struct http_request q = {.what = "endorsement",
                             .url = s->asked,
                             .cacert = s->cacert,
                             .limit = LIMIT_LIST,
                             .seconds = s->seconds,
                             .retries = s->retries};
    if (!read_kept(&held, o->to, rules, &ignored)) { /* what does not hold is not compared with */
        word_free(&held.word);
        held.word = (struct word){.what = NULL};
    }
    bool ok = address(s->asked, o, &held, rules, err) && http_get(&q, &a, err) &&
              args_time(o->obtain.at, &rules->at) &&
              keep(o, span_of(a.body, a.n), &held, rules, err);
    s->retry_after = a.retry_after;
    http_free(&a);
    drop(&held);
    return ok;
}

static int fetch(void *options, const struct situs_trust *trust)
{
    const struct options *o = options;
    struct situs_err err = {0};
    struct pcs_service s;
    struct word_rules rules = {.trust = trust};
    struct file issuer = {.p = NULL};
    struct obtain_options asking = o->obtain;
    asking.url = NULL; /* that of a PCCS is a base */
    if (!obtain_service(&s, &asking) || !args_time(o->obtain.at, &rules.at))
        return EXIT_USAGE;
    bool ok = issuer_of(o, &issuer, &rules, &err) && fetch_it(o, &s, &rules, &err);
    if (!ok)
        obtain_failure(&asking, &s, &err);
    file_free(&issuer);
    return ok ? EXIT_GOOD : load_exit(&err);
}

static bool asks_for_one(const struct options *o)
{
    if (!o->obtain.url == !o->refresh) {
        out_error(o->refresh ? "--url and --refresh are given" : "--url URL is missing");
        out_hint("give the address, or with --refresh an endorsement that says where the next one "
                 "is");
        return false;
    }
    if (!o->refresh || o->hosts.n)
        return true;
    out_error("--host HOST is missing");
    out_hint("an endorsement may name an address at these hosts, and at no other");
    return false;
}

command_function cmd_endorsement_fetch;
int cmd_endorsement_fetch(const struct command *own, int argc, char **argv)
{
    struct options o = {0};
    const struct option options[] = {
        OPTION_VALUE("url", 0, "URL", &o.obtain.url, "where it is"),
        OPTION_VALUE("refresh", 0, "FILE", &o.refresh,
                     "or an endorsement that says where the next one is"),
        OPTION_LIST("host", 0, "HOST[:PORT]", &o.hosts, "where that may be"),
        OPTION_VALUE("issuer", 0, "FILE", &o.issuer,
                     "certificate (DER) of the CA that signs the CRL (default: an anchor)"),
        OBTAIN_ASKING(o.obtain)};
    int exit;
    o.to = ARGS_ONE(own, options, argc, argv, &exit);
    if (!o.to)
        return exit;
    return asks_for_one(&o) ? load_with_trust(o.obtain.trust, fetch, &o) : EXIT_USAGE;
}
