/* situs event verify: is an event of a watched machine the service's word, for whom it came to, and new? The service is not
 * asked: its keys and name are what the caller has and trusts. */
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "codec/json_out.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"
#include "token/event_jwt.h"

#define MEMORY (256 * 1024)
#define TEXT_MAX 4096

struct options {
    const char *keys, *issuer, *audience, *machine, *after, *at;
    bool json;
};

static bool missing(const struct options *o)
{
    const char *name = !o->keys       ? "--keys"
                       : !o->issuer   ? "--issuer"
                       : !o->audience ? "--audience"
                                      : NULL;
    if (!name)
        return false;
    out_error("%s is missing: nothing of an event is taken on its own word", name);
    out_hint("give --keys, --issuer and --audience: situs-event(1)");
    return true;
}

/* read_after reads the number of the last event that the caller knows of the machine. */
static bool read_after(const struct options *o, int64_t *after)
{
    uint64_t n = 0;
    bool ok = !o->after || text_number(span_text(o->after), 0, INT64_MAX, &n);
    *after = (int64_t)n;
    if (o->after && !o->machine) {
        out_error("--after speaks of no machine");
        out_hint("numbers are compared machine by machine: name it with --machine");
        return false;
    }
    if (ok)
        return true;
    out_error("--after \"%s\" is not a number", o->after);
    out_hint("give the number of the machine's last event that you know, 0 for none");
    return false;
}

static void print_json(const struct event_jwt *e, bool missed)
{
    char text[TEXT_MAX];
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, true);
    json_out_object(&o);
    json_out_pair_string(&o, "machine", e->machine);
    json_out_pair_num(&o, "number", e->number);
    json_out_pair_num(&o, "previous", e->previous);
    json_out_pair_bool(&o, "missed", missed);
    json_out_pair_string(&o, "at", TEXT_TIME(e->at));
    json_out_pair_string(&o, "signed_at", TEXT_TIME(e->made));
    json_out_pair_string(&o, "event", e->event);
    if (e->reason[0]) {
        json_out_pair_string(&o, "reason", e->reason);
        json_out_pair_string(&o, "whose", e->whose);
    }
    json_out_pair_num(&o, "span", e->span);
    json_out_close(&o);
    json_out_end(&o);
    out_written(&w, true);
}

static void print(const struct event_jwt *e, const struct options *o, int64_t after)
{
    bool missed = o->after && e->previous != after;
    if (o->json)
        print_json(e, missed);
    else
        out_print("HOLDS: %s: %s%s%s at %s (number %lld)\n", e->machine, e->event,
                  e->reason[0] ? ": " : "", e->reason, TEXT_TIME(e->at), (long long)e->number);
    if (missed && e->previous < after)
        out_note("the service knows no event %lld of %s any more: its record was put back",
                 (long long)after, e->machine);
    else if (missed)
        out_note("events between %lld and %lld did not come: ask /v1/machines/%s/events?after=%lld",
                 (long long)after, (long long)e->number, e->machine, (long long)after);
}

/* exit_of is as of situs token verify: 2 it does not read or is signed by none of the keys, 3 time, 6 it does not say what
 * it must. */
static int exit_of(const struct situs_err *err)
{
    return strcmp(err->part, "keys") == 0                                  ? EXIT_USAGE
           : err->code == SITUS_NOT_YET_VALID                              ? EXIT_COLLATERAL
           : err->code == SITUS_MISMATCH || err->code == SITUS_NOT_ALLOWED ? EXIT_REFUSED
                                                                           : EXIT_BAD_BYTES;
}

static int verify(const struct options *o, struct event_jwt_asked *q, struct span token,
                  struct span keys)
{
    static uint8_t memory[MEMORY];
    struct arena a = arena_new(memory, sizeof memory);
    struct event_jwt e;
    struct situs_err err = {0};
    q->token = token;
    q->keys = keys;
    if (event_jwt_read(q, &a, &e, &err)) {
        print(&e, o, q->after);
        return EXIT_GOOD;
    }
    out_failure(&err);
    return exit_of(&err);
}

command_function cmd_event_verify;
int cmd_event_verify(const struct command *own, int argc, char **argv)
{
    struct options o = {0};
    const struct option options[] = {
        OPTION_VALUE("keys", 0, "FILE", &o.keys, "the issuer's key set (JWKS; required)"),
        OPTION_VALUE("issuer", 0, "URL", &o.issuer, "who must have signed: iss (required)"),
        OPTION_VALUE("audience", 0, "URL", &o.audience, "to whom it came: aud (required)"),
        OPTION_VALUE("machine", 0, "NAME", &o.machine, "the machine that it must be of"),
        OPTION_VALUE("after", 0, "NUMBER", &o.after, "the last of its events that you know"),
        OPTION_AT(&o.at),
        OPTION_JSON(&o.json),
    };
    struct file token = {.path = NULL}, keys = {.path = NULL};
    struct situs_err err = {0};
    struct event_jwt_asked q = {.issuer = NULL};
    int exit;
    const char *path = ARGS_ONE(own, options, argc, argv, &exit);
    if (!path)
        return exit;
    if (missing(&o) || !read_after(&o, &q.after) || !args_time(o.at, &q.at))
        return EXIT_USAGE;
    q.issuer = o.issuer;
    q.audience = o.audience;
    q.machine = o.machine;
    exit = EXIT_USAGE;
    if (!file_read(&keys, o.keys, LIMIT_JWKS, &err)) {
        out_failure(&err);
    } else if (!file_read(&token, path, LIMIT_TOKEN + 2, &err)) {
        exit = file_exit(&err);
        out_failure(&err);
    } else {
        exit = verify(&o, &q, text_trim(file_span(&token)), file_span(&keys));
    }
    file_free(&token);
    file_free(&keys);
    return exit;
}
