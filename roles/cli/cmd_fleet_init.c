/* situs fleet init: a new inventory. */
#include "cli/fleet.h"
#include "cli/out.h"

int cmd_fleet_init(int argc, char **argv)
{
    struct fleet_options o = {0};
    struct fleet_act act;
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    const struct option rows[] = {OPTION_FLEET_WRITE(&o)};
    const struct args args = {"fleet init", rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (!fleet_cli_need(o.db, "db", "FILE") || !fleet_cli_act(&o, &act))
        return EXIT_USAGE;
    if (!fleet_create(o.db, &act, &err))
        return fleet_cli_failed(&err);
    if (o.json)
        out_print("{\"created\":true}\n");
    else
        out_print("a new inventory\n");
    return EXIT_GOOD;
}
