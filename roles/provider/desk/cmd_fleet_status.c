/* situs fleet maintain, end-ek, retire, lost: what happens to one machine. */
#include "provider/desk/desk.h"

enum change { MAINTAIN, END_EK, RETIRE, LOST };

/* What the words of a command say. */
struct changing {
    struct desk_options common;
    const char *machine, *reason;
    bool flag; /* sold, or compromised */
};

static const char *const names[] = {"fleet maintain", "fleet end-ek", "fleet retire", "fleet lost"};

static bool read_options(struct changing *c, enum change what, const struct command *own, int argc,
                         char **argv, int *exit)
{
    struct words operands = {.n = 0};
    const struct option rows[] = {
        OPTION_FLEET_WRITE(&c->common),
        OPTION_MACHINE(&c->machine),
        OPTION_VALUE("reason", 0, "TEXT", &c->reason, "kept in the history"),
        what == RETIRE
            ? (struct option)OPTION_FLAG("sold", 0, &c->flag, "it was sold")
            : (struct option)OPTION_FLAG("compromised", 0, &c->flag, "somebody has its keys"),
    };
    /* what ends something has a reason */
    size_t more = what == MAINTAIN ? 1 : what == LOST ? 2 : 3;
    const struct args args = {own, rows, OPTIONS_FLEET_WRITE + more, 0, 0};
    if (!args_read(&args, argc, argv, &operands, exit))
        return false;
    *exit = EXIT_USAGE;
    return desk_need(c->machine, "machine", "NAME");
}

static bool make(struct fleet *f, const struct fleet_act *act, enum change what,
                 const struct changing *c, struct situs_err *err)
{
    const char *reason = c->reason ? c->reason : names[what] + strlen("fleet ");
    if (what == MAINTAIN)
        return fleet_maintain(f, act, c->machine, err);
    if (what == END_EK)
        return fleet_end_ek(f, act, c->machine, c->flag, reason, err);
    return fleet_end(f, act, c->machine,
                     what == LOST ? FLEET_LOST
                     : c->flag    ? FLEET_SOLD
                                  : FLEET_RETIRED,
                     reason, err);
}

static int change(enum change what, const struct command *own, int argc, char **argv)
{
    struct changing c = {.machine = NULL};
    struct fleet_act act;
    struct situs_err err = {0};
    int exit;
    if (!read_options(&c, what, own, argc, argv, &exit))
        return exit;
    struct fleet *f = desk_open(&c.common, true, &act);
    if (!f)
        return EXIT_USAGE;
    bool ok = make(f, &act, what, &c, &err);
    exit = ok ? desk_after(f, c.machine, c.common.json) : desk_failed(&err);
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
