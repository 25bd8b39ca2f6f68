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
    bool created = fleet_create(o.db, &act, &err), upgraded = false;
    struct situs_err why = {0};
    if (!created && err.code == SITUS_DUPLICATE) /* one of an older situs is brought up to date */
        upgraded = fleet_upgrade(o.db, &act, &why);
    if (!created && !upgraded)
        return fleet_cli_failed(why.code == SITUS_NONE ? &err : &why);
    if (o.json)
        out_print("{\"created\":%s}\n", created ? "true" : "false");
    else
        out_print(created ? "a new inventory\n" : "brought to the schema of this situs\n");
    return EXIT_GOOD;
}
