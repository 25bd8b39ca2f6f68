/* situs fleet maintain, end-ek, retire, lost: what happens to machines. */
#include "base/text.h"
#include "frame/out.h"
#include "provider/desk/desk_many.h"

enum change { MAINTAIN, END_EK, RETIRE, LOST };

/* What the words of a command say. */
struct changing {
    struct desk_options common;
    struct desk_many many;
    enum change what;
    const char *reason, *count;
    bool flag; /* sold, or compromised */
};

static const char *const names[] = {"maintain", "end-ek", "retire", "lost"};
static const char *const done[] = {"in maintenance", "without an EK in use", "retired",
                                   "reported lost"};
static const char *const headers[] = {"machine"};

static bool read_options(struct changing *c, const struct command *own, int argc, char **argv,
                         int *exit)
{
    struct words operands = {.n = 0};
    struct option rows[OPTIONS_FLEET_WRITE + OPTIONS_MANY + 4] = {
        OPTION_FLEET_WRITE(&c->common),
        OPTION_MANY(&c->many, "machine"),
    };
    size_t n = OPTIONS_FLEET_WRITE + OPTIONS_MANY;
    if (c->what == MAINTAIN || c->what == RETIRE)
        rows[n++] = (struct option)OPTION_MANY_SITE(&c->many);
    if (c->what != MAINTAIN) /* what ends something has a reason */
        rows[n++] =
            (struct option)OPTION_VALUE("reason", 0, "TEXT", &c->reason, "kept in the history");
    if (c->what == RETIRE)
        rows[n++] = (struct option)OPTION_FLAG("sold", 0, &c->flag, "it was sold");
    if (c->what == RETIRE)
        rows[n++] = (struct option)OPTION_VALUE("count", 0, "N", &c->count,
                                                "with --site: how many they are");
    if (c->what == END_EK)
        rows[n++] = (struct option)OPTION_FLAG("compromised", 0, &c->flag, "somebody has its keys");
    const struct args args = {own, rows, n, 0, 0};
    if (!args_read(&args, argc, argv, &operands, exit))
        return false;
    *exit = EXIT_USAGE;
    return desk_many_ok(&c->many, c->what == MAINTAIN || c->what == RETIRE);
}

static bool change_one(struct fleet *f, const struct fleet_act *act, const void *to,
                       const struct desk_rows *rows, const struct desk_row *row,
                       struct situs_err *err)
{
    const struct changing *c = to;
    const char *reason = c->reason ? c->reason : names[c->what];
    (void)rows;
    if (c->what == MAINTAIN)
        return fleet_maintain(f, act, row->machine, err);
    if (c->what == END_EK)
        return fleet_end_ek(f, act, row->machine, c->flag, reason, err);
    return fleet_end(f, act, row->machine,
                     c->what == LOST ? FLEET_LOST
                     : c->flag       ? FLEET_SOLD
                                     : FLEET_RETIRED,
                     reason, err);
}

/* counted: a site is retired for ever by who knows how many machines that is. */
static bool counted(const struct changing *c, const struct desk_rows *rows)
{
    uint64_t n = 0;
    if (c->what != RETIRE || !c->many.site || c->many.dry_run)
        return true;
    if (c->count && text_number(span_text(c->count), 1, INT32_MAX, &n) && n == rows->n)
        return true;
    out_error("%zu machines are in use at %s: expected --count %zu, got %s", rows->n, c->many.site,
              rows->n, c->count ? c->count : "none");
    out_hint("it is for ever: look with --dry-run, then say how many they are");
    return false;
}

static int change(enum change what, const struct command *own, int argc, char **argv)
{
    struct changing c = {.what = what};
    struct fleet_act act;
    struct situs_err err = {0};
    struct desk_rows rows = {.v = NULL};
    int exit;
    if (!read_options(&c, own, argc, argv, &exit))
        return exit;
    struct fleet *f = desk_open(&c.common, true, &act);
    if (!f)
        return EXIT_USAGE;
    const struct desk_deed deed = {change_one, &c, c.flag && what == RETIRE ? "sold" : done[what]};
    if (!desk_rows_read(&rows, f, &c.many, headers, 1, &err))
        exit = desk_failed(&err);
    else if (counted(&c, &rows))
        exit = desk_many(f, &act, &c.many, &rows, &deed, c.common.json);
    desk_rows_free(&rows);
    fleet_close(f);
    return exit;
}

command_function cmd_fleet_maintain;
int cmd_fleet_maintain(const struct command *own, int argc, char **argv)
{
    return change(MAINTAIN, own, argc, argv);
}

command_function cmd_fleet_retire;
int cmd_fleet_retire(const struct command *own, int argc, char **argv)
{
    return change(RETIRE, own, argc, argv);
}

command_function cmd_fleet_lost;
int cmd_fleet_lost(const struct command *own, int argc, char **argv)
{
    return change(LOST, own, argc, argv);
}

command_function cmd_fleet_end_ek;
int cmd_fleet_end_ek(const struct command *own, int argc, char **argv)
{
    return change(END_EK, own, argc, argv);
}
