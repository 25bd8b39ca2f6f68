/* Asking; see watch_ask.h. */
#include "watch/watch_ask.h"

#include "base/text.h"
#include "fetch/http.h"
#include "frame/exits.h"
#include "frame/out.h"

#include <stdio.h>

static const struct http_hints hints = {
    .shape = "is it the second socket (listen_private) of situs serve?",
    .slow = "the service is slow or out of reach; try again, or give --timeout SECONDS",
    .tls = "name the file with the service's CA: --cacert FILE",
    .reach = "does the service run, and is this its second socket (listen_private), or a proxy's "
             "address for it?",
    .redirect = "redirects are not followed; give the final address",
    .missing = "the first socket tells nobody of machines: give the second one (listen_private); "
               "or the service does not watch this machine",
    .refused = "the service lets you not ask that; is it another replica's machine?"};

/* refused says that an address is none. */
static bool refused(const char *address, const char *why)
{
    out_error("%s: no address of a service: %s", address, why);
    out_hint(
        "give https://HOST[:PORT][/PATH], http:// of this machine, or the path of a Unix socket");
    return false;
}

bool watch_ask_door(struct watch_door *d, const char *address, const struct watch_options *o)
{
    uint64_t seconds = WATCH_SECONDS;
    const char *path = strncmp(address, "unix:", 5) == 0 ? address + 5 : address;
    *d = (struct watch_door){.address = address, .cacert = o->cacert};
    if (o->timeout && !text_number(span_text(o->timeout), 1, 600, &seconds)) {
        out_error("--timeout: expected 1 to 600, got %s", o->timeout);
        out_hint("write a whole number of seconds");
        return false;
    }
    d->seconds = (long)seconds;
    if (path[0] == '/') {
        d->socket = path;
        memcpy(d->base, "http://localhost", sizeof "http://localhost");
        return strlen(path) < 108 || refused(address, "a path of a socket has 107 bytes at most");
    }
    const char *why = url_refused(address);
    if (why)
        return refused(address, why);
    size_t n = strlen(address);
    while (n && address[n - 1] == '/')
        n--;
    memcpy(d->base, address, n);
    return true;
}

/* get asks for a path, and has the answer read by the caller's. */
static bool get(const struct watch_door *d, const char *path, struct http_answer *a,
                struct situs_err *err)
{
    char url[2 * URL_MAX];
    const struct http_request r = {.what = "list of machines",
                                   .url = url,
                                   .socket = d->socket,
                                   .hints = &hints,
                                   .cacert = d->cacert,
                                   .limit = WATCH_PAGE,
                                   .seconds = d->seconds};
    snprintf(url, sizeof url, "%s%s", d->base, path);
    if (!http_get(&r, a, err)) {
        if (a->status == 404 || a->status == 410)
            err->code = SITUS_UNKNOWN;
        else if (a->status >= 400 && a->status < 500 && a->status != 421 && a->status != 429)
            err->code = SITUS_NOT_ALLOWED;
        return false;
    }
    if (strcmp(a->type, "application/json") == 0)
        return true;
    err_fail(err, SITUS_MALFORMED, r.what, "", SITUS_NO_OFFSET, "application/json", a->type);
    http_free(a);
    return err_hint(err, hints.shape);
}

/* is_name says that a name may stand in an address as it is. */
static bool is_name(const char *name)
{
    size_t n = strlen(name);
    return n && n < WATCH_NAME && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static bool bad_name(const char *name, struct situs_err *err)
{
    err_fail(err, SITUS_MALFORMED, "list of machines", "machine", SITUS_NO_OFFSET,
             "1 to 63 of a-z, 0-9 and \"-\"", TEXT_CUT(span_text(name)));
    return err_hint(err, hints.shape);
}

bool watch_ask_fleet(const struct watch_door *d, struct watch_fleet *f, struct situs_err *err)
{
    char path[128] = "/v1/machines";
    bool more = true, ok = true;
    *f = (struct watch_fleet){.n = 0};
    while (ok && more) {
        struct http_answer a = {0};
        ok = get(d, path, &a, err) &&
             watch_read_fleet(f, span_of(a.body, a.n), "list of machines", &more, err);
        http_free(&a);
        const char *last = f->n ? f->v[f->n - 1].name : "";
        if (ok && more && !is_name(last))
            ok = bad_name(last, err);
        snprintf(path, sizeof path, "/v1/machines?after=%s", last);
    }
    return ok;
}

bool watch_ask_history(const struct watch_door *d, const char *machine, struct watch_history *h,
                       struct situs_err *err)
{
    char path[160];
    bool more = true, ok = is_name(machine) || bad_name(machine, err);
    *h = (struct watch_history){.count = -1};
    while (ok && more) {
        struct http_answer a = {0};
        snprintf(path, sizeof path, "/v1/machines/%s/events?after=%lld", machine,
                 (long long)(h->n ? h->v[h->n - 1].number : 0));
        ok = get(d, path, &a, err) &&
             watch_read_history(h, span_of(a.body, a.n), "events", &more, err);
        http_free(&a);
    }
    return ok;
}

int watch_ask_exit(const struct situs_err *err)
{
    switch (err->code) {
    case SITUS_MISSING:
        return err->field[0] ? EXIT_BAD_BYTES : EXIT_BUSY; /* a member; else the service */
    case SITUS_UNKNOWN:
    case SITUS_NO_MEMORY:
    case SITUS_INTERNAL:
        return EXIT_USAGE;
    case SITUS_UNTRUSTED:
        return EXIT_REFUSED;
    case SITUS_NOT_ALLOWED:
        return err->field[0] ? EXIT_BAD_BYTES : EXIT_REFUSED;
    default:
        return EXIT_BAD_BYTES;
    }
}
