/* situs fleet endorse: an ownership endorsement for one machine. */
#include "cli/fleet_poe.h"
#include "cli/out.h"

int cmd_fleet_endorse(int argc, char **argv)
{
    struct endorsing e = {.key = NULL};
    struct fleet_act act;
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    const char *machine = NULL;
    const struct option rows[] = {
        OPTION_ENDORSING(&e),
        OPTION_MACHINE(&machine),
        OPTION_VALUE("owner", 0, "NAME", &e.owner, "who owns it (default: as it was set)"),
        OPTION_VALUE("output", 'o', "FILE", &e.out, "the endorsement (required; - is stdout)"),
    };
    const struct args args = {"fleet endorse", rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    struct fleet *f = NULL;
    if (fleet_cli_need(machine, "machine", "NAME") && fleet_cli_need(e.out, "output", "FILE") &&
        fleet_poe_ready(&e, &exit))
        f = fleet_cli_open(&e.common, true, &act);
    if (f && fleet_poe_endorse(f, &act, &e, machine, e.owner, e.out, &err))
        exit = strcmp(e.out, "-") == 0 ? EXIT_GOOD : fleet_cli_after(f, machine, e.common.json);
    else if (f)
        exit = fleet_cli_failed(&err);
    fleet_close(f);
    signer_free(&e.signer);
    return exit;
}
