/* situs watch history: what happened to one machine. */
#include "frame/exits.h"
#include "frame/out.h"
#include "watch/watch_ask.h"
#include "watch/watch_history.h"

#include <stdlib.h>

#define EVENT_ROOM 2048 /* bytes that an event takes, at most, in either form */

static int tell(const struct watch_history *h, const struct watch_door *d, const char *machine,
                bool json)
{
    size_t room = (h->n + 4) * EVENT_ROOM;
    char *text = malloc(room);
    struct wr w = wr_new(text, text ? room : 0);
    if (json)
        watch_history_json(&w, h, d->address, machine);
    else
        watch_history_text(&w, h, d->address, machine);
    bool whole = watch_history_whole(h);
    int exit = out_report(text, w.n, w.size, json, whole ? EXIT_GOOD : EXIT_REFUSED);
    free(text);
    if (!whole)
        out_hint("events are lost at the service: what it says of this machine has a gap");
    return exit;
}

command_function cmd_watch_history;
int cmd_watch_history(const struct command *own, int argc, char **argv)
{
    struct watch_options o = {0};
    struct watch_door door;
    struct watch_history h;
    struct situs_err err = {0};
    const char *of = NULL;
    const struct option rows[] = {
        OPTION_VALUE("of", 0, "URL|SOCKET", &of, "the service that watches it"),
        OPTION_WATCH(&o),
    };
    int exit;
    const char *machine = ARGS_ONE(own, rows, argc, argv, &exit);
    if (!machine)
        return exit;
    if (!of) {
        out_error("--of is missing: whose machine is it?");
        out_hint("give the address of the service that watches it: --of URL, or a socket's path");
        return EXIT_USAGE;
    }
    if (!watch_ask_door(&door, of, &o))
        return EXIT_USAGE;
    bool ok = watch_ask_history(&door, machine, &h, &err);
    exit = ok ? tell(&h, &door, machine, o.json) : watch_ask_exit(&err);
    watch_read_history_free(&h);
    if (!ok)
        out_failure_of(of, &err);
    return exit;
}
