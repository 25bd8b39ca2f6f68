/* situs collateral refresh: all that a directory holds, fetched anew; for cron and timers. */
#include "collateral/collateral_state.h"
#include "fetch/obtain.h"
#include "frame/exits.h"
#include "frame/out.h"

#include <stdlib.h>

#define DAY 86400

struct options {
    const char *due, *path;
    struct obtain_options obtain;
};

/* The directory as "situs collateral" writes it: one with other files would not be replaced, which
 * is better said before anybody is asked. */
static bool ours(const struct collateral *c, const char *path)
{
    for (size_t i = 0; i < c->files.n; i++)
        if (!collateral_ours(c->files.v[i].name)) {
            out_error("%s holds \"%s\", a name that situs does not give", path, c->files.v[i].name);
            out_hint("make a directory that can be replaced: situs collateral import %s NEW", path);
            return false;
        }
    return true;
}

/* due says that something ends within so many days; else until when nothing does. */
static bool due(const struct situs_snapshot *s, int64_t at, uint64_t days, const char *path)
{
    struct collateral_item item, first = {.valid = {0, INT64_MAX}};
    for (size_t i = 0; collateral_item(s, i, &item); i++)
        if (item.valid.to < first.valid.to)
            first = item;
    if (first.valid.to < at + (int64_t)days * DAY)
        return true;
    out_note("%s: nothing is due; %s ends first, %s", path, first.name, TEXT_TIME(first.valid.to));
    return false;
}

static int renew(const struct options *o, const struct situs_trust *trust, struct collateral *c,
                 struct loaded_snapshot *held)
{
    const char *path = o->path;
    struct situs_err err = {0};
    struct pcs_service service;
    struct wanted w = {.n = 0};
    uint64_t days = 0;
    int64_t at;
    if (!args_days("due", o->due, 1, &days) || !obtain_service(&service, &o->obtain) ||
        !args_time(o->obtain.at, &at))
        return EXIT_USAGE;
    if (!collateral_add(c, path, &err) || !load_snapshot(held, c->parts, c->n, trust, &err)) {
        out_failure_of(path, &err);
        return held->memory ? load_own_exit(held, c->parts, c->n, trust, &err) : file_exit(&err);
    }
    if (!ours(c, path))
        return EXIT_USAGE;
    if (o->due && !due(held->snapshot, at, days, path))
        return EXIT_GOOD;
    wanted_again(&w, held->snapshot);
    int exit = obtain(&service, &o->obtain, &w, trust, held->snapshot, false, path);
    if (exit == EXIT_GOOD)
        out_note("%s now holds the collateral of today", path);
    else
        out_note("%s is as it was", path);
    return exit;
}

static int refresh(void *options, const struct situs_trust *trust)
{
    struct loaded_snapshot held = {.snapshot = NULL};
    struct collateral *c = calloc(1, sizeof *c);
    int exit = EXIT_USAGE;
    if (c)
        exit = renew(options, trust, c, &held);
    else
        out_error("out of memory");
    load_snapshot_free(&held);
    if (c)
        collateral_free(c);
    free(c);
    return exit;
}

command_function cmd_collateral_refresh;
int cmd_collateral_refresh(const struct command *own, int argc, char **argv)
{
    struct options o = {0};
    const struct option options[] = {
        OPTION_VALUE("due", 0, "DAYS", &o.due, "only when something ends within so many days"),
        OBTAIN_OPTIONS(o.obtain)};
    int exit;
    o.path = ARGS_ONE(own, options, argc, argv, &exit);
    return o.path ? load_with_trust(o.obtain.trust, refresh, &o) : exit;
}
