/* situs event push: hands an event of a watched machine to whom it is for (RFC 8935). The service's fetcher runs it, and
 * whoever wants to try an address. */
#include "base/limits.h"
#include "base/text.h"
#include "fetch/http.h"
#include "fetch/url.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"
#include "token/event_jwt.h"

#define SECONDS_MOST 600
#define ANSWER_MAX 4096

static const struct http_hints hints = {
    .shape = "the receiver answers what no receiver does",
    .slow = "the receiver is slow or out of reach; try again, or give --timeout SECONDS",
    .tls = "name the file with the receiver's CA: --cacert FILE",
    .reach = "does somebody listen there? check the network and --url",
    .redirect = "redirects are not followed; give the final address with --url",
    .missing = "check --url",
    .refused = "the receiver does not take it: what does it say of it, and is --url its address?"};

struct options {
    const char *url, *cacert, *timeout;
    bool retry_after;
};

static bool usable(const struct options *o, uint64_t *seconds)
{
    const char *why = o->url ? url_refused(o->url) : "is missing";
    *seconds = 30;
    if (why) {
        out_error("--url %s: %s", o->url ? o->url : "URL", why);
        out_hint("give https://HOST[:PORT][/PATH], or http:// to a loopback address");
        return false;
    }
    if (!o->timeout || text_number(span_text(o->timeout), 1, SECONDS_MOST, seconds))
        return true;
    out_error("--timeout \"%s\" is not a number from 1 to %d", o->timeout, SECONDS_MOST);
    out_hint("it is in seconds, and bounds the whole exchange; the default is 30");
    return false;
}

static int push(const struct options *o, const char *path, uint64_t seconds)
{
    struct file event = {.path = NULL};
    struct http_answer a = {.n = 0};
    struct situs_err err = {0};
    if (!file_read(&event, path, LIMIT_TOKEN, &err)) {
        out_failure(&err);
        return file_exit(&err);
    }
    const struct http_request q = {.what = "webhook",
                                   .url = o->url,
                                   .hints = &hints,
                                   .cacert = o->cacert,
                                   .body = text_trim(file_span(&event)),
                                   .type = EVENT_JWT_MEDIA,
                                   .limit = ANSWER_MAX,
                                   .seconds = (long)seconds};
    bool ok = http_post(&q, &a, &err);
    if (!ok) {
        out_failure(&err);
        out_note("asked %s", o->url);
    }
    if (!ok && o->retry_after && a.retry_after)
        out_print("retry-after %llu\n", (unsigned long long)a.retry_after);
    http_free(&a);
    file_free(&event);
    return ok ? EXIT_GOOD : EXIT_BUSY;
}

command_function cmd_event_push;
int cmd_event_push(const struct command *own, int argc, char **argv)
{
    struct options o = {0};
    const struct option options[] = {
        OPTION_VALUE("url", 0, "URL", &o.url, "where to (required)"),
        OPTION_VALUE("cacert", 0, "FILE", &o.cacert, "TLS anchors, PEM (default: system's)"),
        OPTION_VALUE("timeout", 0, "SECONDS", &o.timeout, "for the exchange (default: 30)"),
        OPTION_FLAG("retry-after", 0, &o.retry_after,
                    "print for how long the address wants not to be asked")};
    int exit;
    uint64_t seconds;
    const char *path = ARGS_ONE(own, options, argc, argv, &exit);
    if (!path)
        return exit;
    return usable(&o, &seconds) ? push(&o, path, seconds) : EXIT_USAGE;
}
