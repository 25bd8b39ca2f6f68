/* situs watch: the machines of a service, once or for as long as somebody looks. */
#include "base/text.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "watch/watch_ask.h"
#include "watch/watch_show.h"
#include "wire/wire.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define MACHINE_ROOM 8192 /* bytes that a machine takes, at most, in any form */
#define EVERY 2           /* seconds */

struct watching {
    struct watch_options options;
    struct watch_door door;
    struct watch_fleet fleet, before; /* before: what was told last */
    struct watch_view view;
    char fails[512];
    uint64_t every;
    bool once, told;
};

/* print writes a form of what is known to stdout; false: it does not fit, or nobody takes it. */
static bool print(const struct watching *w, bool terminal)
{
    size_t room = (w->fleet.n + w->before.n + 8) * MACHINE_ROOM;
    char *text = malloc(room);
    struct wr out = wr_new(text, text ? room : 0);
    struct winsize size = {.ws_row = 0};
    struct watch_form form = {.colour = out_colour(), .clear = terminal};
    if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1)
        form.lines = size.ws_row - 1u;
    if (terminal)
        wr_text(&out, w->told ? "\x1b[H" : "\x1b[H\x1b[2J");
    if (w->options.json)
        watch_show_json(&out, &w->view);
    else if (w->once || terminal)
        watch_show_table(&out, &w->view, &form);
    else
        watch_show_changes(&out, &w->before, &w->view);
    if (terminal)
        wr_text(&out, "\x1b[J");
    bool ok = out_report(text, out.n, out.size, w->options.json, EXIT_GOOD) == EXIT_GOOD;
    free(text);
    return ok && out_finish(EXIT_GOOD) == EXIT_GOOD;
}

/* look asks once; what was known stays where no answer comes. */
static bool look(struct watching *w, struct situs_err *err)
{
    struct watch_fleet next;
    bool ok = watch_ask_fleet(&w->door, &next, err);
    w->view.now = (int64_t)time(NULL);
    if (!ok) {
        watch_read_fleet_free(&next);
        if (!w->view.fails)
            w->view.fails_at = w->view.now;
        snprintf(w->fails, sizeof w->fails, "%s: %s", err_code_name(err->code), err->got);
        w->view.fails = w->fails;
        return false;
    }
    watch_read_fleet_free(&w->before);
    w->before = w->fleet;
    w->fleet = next;
    w->view.fails = NULL;
    return true;
}

/* current says that what is known is of now. */
static bool current(const struct watching *w)
{
    return !w->view.fails && !watch_show_stale(&w->view);
}

/* tell_answers says once, where lines are printed, that no answer of now comes, or one comes again. */
static void tell_answers(const struct watching *w, bool was, bool terminal)
{
    if (terminal || was == current(w))
        return;
    out_note("%s: %s", w->door.address,
             w->view.fails ? w->view.fails
             : current(w)  ? "it answers again"
                           : "STALE: an old answer, or a clock is wrong");
}

/* watch goes on until it is told to end. */
static int watch(struct watching *w)
{
    bool terminal = isatty(STDOUT_FILENO) && !w->options.json, ok = true;
    struct pollfd stop = {.fd = wire_stop(), .events = POLLIN};
    while (ok && stop.fd >= 0) {
        struct situs_err err = {0};
        bool was = !w->told || current(w);
        bool answered = !w->told || look(w, &err);
        bool turned = w->options.json && was != current(w);
        tell_answers(w, was, terminal);
        if (!w->told || terminal || turned || (answered && !watch_show_same(&w->before, &w->fleet)))
            ok = print(w, terminal);
        w->told = true;
        if (poll(&stop, 1, (int)w->every * 1000) > 0)
            break;
    }
    if (stop.fd >= 0)
        close(stop.fd);
    return ok && stop.fd >= 0 ? watch_show_exit(&w->view) : EXIT_USAGE;
}

static int run(struct watching *w)
{
    struct situs_err err = {0};
    if (!look(w, &err)) { /* never an empty list */
        out_failure_of(w->door.address, &err);
        return watch_ask_exit(&err);
    }
    if (!w->once)
        return watch(w);
    return print(w, false) ? watch_show_exit(&w->view) : EXIT_USAGE;
}

static bool seconds(const char *text, uint64_t *every)
{
    *every = EVERY;
    if (!text || text_number(span_text(text), 1, 3600, every))
        return true;
    out_error("--every: expected 1 to 3600, got %s", text);
    out_hint("write a whole number of seconds");
    return false;
}

command_function cmd_watch;
int cmd_watch(const struct command *own, int argc, char **argv)
{
    struct watching w = {.once = false};
    const char *every = NULL;
    const struct option rows[] = {
        OPTION_FLAG("once", '1', &w.once, "print it once"),
        OPTION_VALUE("every", 0, "SECONDS", &every, "ask so often, 1 to 3600 (2)"),
        OPTION_WATCH(&w.options),
    };
    int exit;
    const char *address = ARGS_ONE(own, rows, argc, argv, &exit);
    if (!address)
        return exit;
    if (!seconds(every, &w.every) || !watch_ask_door(&w.door, address, &w.options))
        return EXIT_USAGE;
    w.view = (struct watch_view){.service = address, .fleet = &w.fleet};
    exit = run(&w);
    watch_read_fleet_free(&w.fleet);
    watch_read_fleet_free(&w.before);
    return exit;
}
