/* situs fleet endorse: an ownership endorsement for one machine. */
#include "frame/out.h"
#include "provider/desk/desk_poe.h"

command_function cmd_fleet_endorse;
int cmd_fleet_endorse(const struct command *own, int argc, char **argv)
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
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    struct fleet *f = NULL;
    if (desk_need(machine, "machine", "NAME") && desk_need(e.out, "output", "FILE") &&
        desk_poe_ready(&e, &exit))
        f = desk_open(&e.common, true, &act);
    if (f && desk_poe_endorse(f, &act, &e, machine, e.owner, e.out, &err))
        exit = strcmp(e.out, "-") == 0 ? EXIT_GOOD : desk_after(f, machine, e.common.json);
    else if (f)
        exit = desk_failed(&err);
    fleet_close(f);
    signer_free(&e.signer);
    return exit;
}
