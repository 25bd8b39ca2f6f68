/* situs watch compare: several services that do not trust each other. */
#include "frame/exits.h"
#include "frame/out.h"
#include "watch/watch_ask.h"
#include "watch/watch_compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MACHINE_ROOM \
    8192 /* bytes that a machine takes, at most, in either form, with the parties that do not watch it */

struct comparing {
    struct watch_options options;
    struct watch_door door[WATCH_PARTIES];
    struct watch_fleet fleet[WATCH_PARTIES];
    struct watch_view view[WATCH_PARTIES];
    char fails[WATCH_PARTIES][512];
    size_t n;
};

/* ask asks one; who does not answer, or not what can be read, is told as such. */
static void ask(struct comparing *c, size_t i)
{
    struct situs_err err = {0};
    struct watch_view *v = &c->view[i];
    *v = (struct watch_view){.service = c->door[i].address, .fleet = &c->fleet[i]};
    bool ok = watch_ask_fleet(&c->door[i], &c->fleet[i], &err);
    v->now = (int64_t)time(NULL);
    if (ok)
        return;
    watch_read_fleet_free(&c->fleet[i]); /* half a list says nothing of who is not in it */
    out_failure_of(c->door[i].address, &err);
    snprintf(c->fails[i], sizeof c->fails[i], "%s: %s", err_code_name(err.code), err.got);
    v->fails = c->fails[i];
}

static int tell(const struct comparing *c)
{
    struct watch_compared compared;
    char *text = NULL;
    bool ok = watch_compare(&compared, c->view, c->n);
    size_t room = (compared.n + c->n + 1) * MACHINE_ROOM;
    text = ok ? malloc(room) : NULL;
    struct wr w = wr_new(text, text ? room : 0);
    if (text && c->options.json)
        watch_compare_json(&w, &compared, c->view);
    else if (text)
        watch_compare_text(&w, &compared, c->view);
    int exit = ok ? watch_compare_exit(&compared, c->view) : EXIT_USAGE;
    exit = out_report(text, w.n, w.size, c->options.json, exit);
    free(text);
    watch_compare_free(&compared);
    return exit;
}

/* doors reads the addresses, each of which is another's. */
static bool doors(struct comparing *c, const struct words *addresses)
{
    for (; c->n < addresses->n; c->n++) {
        if (!watch_ask_door(&c->door[c->n], addresses->v[c->n], &c->options))
            return false;
        for (size_t i = 0; i < c->n; i++) {
            const struct watch_door *a = &c->door[i], *b = &c->door[c->n];
            if (strcmp(a->base, b->base) != 0 || !a->socket != !b->socket ||
                (a->socket && strcmp(a->socket, b->socket) != 0))
                continue;
            out_error("%s stands here twice", addresses->v[c->n]);
            out_hint("a service that is compared with itself always agrees: give another one");
            return false;
        }
    }
    return true;
}

command_function cmd_watch_compare;
int cmd_watch_compare(const struct command *own, int argc, char **argv)
{
    struct words addresses = {.n = 0};
    struct comparing *c = calloc(1, sizeof *c);
    int exit = EXIT_USAGE;
    if (!c) {
        out_error("out of memory");
        return exit;
    }
    const struct option rows[] = {OPTION_WATCH(&c->options)};
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 2, WATCH_PARTIES};
    bool ok = args_read(&args, argc, argv, &addresses, &exit);
    if (ok) {
        exit = EXIT_USAGE;
        ok = doors(c, &addresses);
    }
    for (size_t i = 0; ok && i < c->n; i++)
        ask(c, i);
    exit = ok ? tell(c) : exit;
    for (size_t i = 0; i < WATCH_PARTIES; i++)
        watch_read_fleet_free(&c->fleet[i]);
    free(c);
    return exit;
}
