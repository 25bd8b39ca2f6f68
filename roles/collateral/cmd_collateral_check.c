/* situs collateral check: what collateral there is, and what expires when. */
#include "base/text.h"
#include "base/time.h"
#include "collateral/collateral_state.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "frame/table.h"

#include <stdlib.h>

#define WARN_DAYS 7
#define DAY 86400

/* When, and how long before its end an item is warned of. */
struct moment {
    int64_t at, warn_days;
};

static const char *state_of(struct window valid, const struct moment *m)
{
    if (m->at > valid.to)
        return "expired";
    if (m->at < valid.from)
        return "not-yet-valid";
    return m->at > valid.to - m->warn_days * DAY ? "expires-soon" : "ok";
}

/* days is whole days from at to the end, rounded down; negative after it. */
static int64_t days(int64_t end, int64_t at)
{
    int64_t seconds = end - at;
    return seconds >= 0 ? seconds / DAY : -((-seconds + DAY - 1) / DAY);
}

static bool print(const struct situs_snapshot *s, const struct moment *m, int exit, bool json)
{
    struct collateral_item item;
    struct table t = {.json = json};
    const struct table_cell head[] = {TABLE_NUM("exit", 0, NULL, exit),
                                      TABLE_TEXT("at", 0, NULL, TEXT_TIME(m->at)),
                                      TABLE_NUM("warn_days", 0, NULL, m->warn_days)};
    table_begin(&t, head, sizeof head / sizeof *head, "items");
    for (size_t i = 0; collateral_item(s, i, &item); i++) {
        const char *state = state_of(item.valid, m);
        const struct table_cell row[] = {
            TABLE_TEXT(NULL, -13, " ", state),
            TABLE_TEXT("item", -34, " ", item.name),
            TABLE_TEXT("state", 0, NULL, state),
            TABLE_TEXT("from", 0, " to ", TEXT_TIME(item.valid.from)),
            TABLE_TEXT("to", 0, " (", TEXT_TIME(item.valid.to)),
            TABLE_NUM("days_left", 0, " days)\n", days(item.valid.to, m->at))};
        table_row(&t, row, sizeof row / sizeof *row);
    }
    return table_end(&t);
}

/* judge says on stderr what needs attention; the exit code. */
static int judge(const struct situs_snapshot *s, const struct moment *m)
{
    struct collateral_item item;
    size_t soon = 0, out = 0;
    for (size_t i = 0; collateral_item(s, i, &item); i++) {
        const char *state = state_of(item.valid, m);
        soon += strcmp(state, "expires-soon") == 0;
        out += strcmp(state, "expired") == 0 || strcmp(state, "not-yet-valid") == 0;
    }
    if (out) {
        out_error("%zu item%s out of time at %s", out, out == 1 ? " is" : "s are",
                  TEXT_TIME(m->at));
        out_hint("fetch it anew with \"situs collateral refresh\"; check the clock, or --at");
    } else if (soon) {
        out_note("warning: %zu item%s within %d days: \"situs collateral refresh\" soon", soon,
                 soon == 1 ? " expires" : "s expire", (int)m->warn_days);
    }
    return out ? EXIT_COLLATERAL : EXIT_GOOD;
}

struct asked {
    struct words paths;
    struct moment moment;
    bool json;
};

static int check(void *asked, const struct situs_trust *trust)
{
    const struct asked *q = asked;
    const struct words *paths = &q->paths;
    struct situs_err err = {0};
    struct collateral *c = calloc(1, sizeof *c);
    struct loaded_snapshot s = {.snapshot = NULL};
    bool read = c != NULL;
    int exit = EXIT_BAD_BYTES;
    for (size_t i = 0; read && i < paths->n; i++)
        read = collateral_add(c, paths->v[i], &err);
    if (read && load_snapshot(&s, c->parts, c->n, trust, &err)) {
        exit = judge(s.snapshot, &q->moment);
        exit = print(s.snapshot, &q->moment, exit, q->json) ? exit : EXIT_USAGE;
    } else {
        out_failure_of(paths->n == 1 ? paths->v[0] : NULL, &err);
        exit = read ? load_own_exit(&s, c->parts, c->n, trust, &err) : file_exit(&err);
    }
    load_snapshot_free(&s);
    if (c)
        collateral_free(c);
    free(c);
    return exit;
}

command_function cmd_collateral_check;
int cmd_collateral_check(const struct command *own, int argc, char **argv)
{
    struct asked q = {.json = false};
    const char *when = NULL, *trust_path = NULL, *warn = NULL;
    const struct option options[] = {
        OPTION_AT(&when), OPTION_JSON(&q.json),
        OPTION_VALUE("warn-days", 0, "DAYS", &warn, "warn of what expires within so many (7)"),
        OPTION_VALUE("trust", 't', "FILE", &trust_path, "trust anchors (default: built in)")};
    const struct args args = {own, options, 4, 1, 64};
    uint64_t warn_days = WARN_DAYS;
    int exit;
    if (!args_read(&args, argc, argv, &q.paths, &exit))
        return exit;
    if (!args_time(when, &q.moment.at) || !args_days("warn-days", warn, 0, &warn_days))
        return EXIT_USAGE;
    q.moment.warn_days = (int64_t)warn_days;
    return load_with_trust(trust_path, check, &q);
}
