/* situs fleet maintain, retire, lost: what happens to one machine. */
#include "cli/fleet.h"

enum change { MAINTAIN, RETIRE, LOST };

static int change(enum change what, int argc, char **argv)
{
    static const char *const names[] = {"fleet maintain", "fleet retire", "fleet lost"};
    struct fleet_options o = {0};
    struct fleet_act act;
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    const char *machine = NULL, *reason = NULL;
    bool sold = false, ok = false;
    const struct option rows[] = {
        OPTION_FLEET_WRITE(&o),
        OPTION_MACHINE(&machine),
        OPTION_VALUE("reason", 0, "TEXT", &reason, "kept in the history"),
        OPTION_FLAG("sold", 0, &sold, "it was sold"),
    };
    /* only what ends a machine has a reason, only retire can be a sale */
    size_t options = what == RETIRE ? 7 : what == LOST ? 6 : 5;
    const struct args args = {names[what], rows, options, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (!fleet_cli_need(machine, "machine", "NAME"))
        return EXIT_USAGE;
    struct fleet *f = fleet_cli_open(&o, true, &act);
    if (!f)
        return EXIT_USAGE;
    if (what == MAINTAIN)
        ok = fleet_maintain(f, &act, machine, &err);
    else
        ok = fleet_end(f, &act, machine,
                       what == LOST ? FLEET_LOST
                       : sold       ? FLEET_SOLD
                                    : FLEET_RETIRED,
                       reason ? reason : names[what] + 6, &err);
    exit = ok ? fleet_cli_after(f, machine, o.json) : fleet_cli_failed(&err);
    fleet_close(f);
    return exit;
}

int cmd_fleet_maintain(int argc, char **argv)
{
    return change(MAINTAIN, argc, argv);
}

int cmd_fleet_retire(int argc, char **argv)
{
    return change(RETIRE, argc, argv);
}

int cmd_fleet_lost(int argc, char **argv)
{
    return change(LOST, argc, argv);
}
