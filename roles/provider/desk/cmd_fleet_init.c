/* situs fleet init: a new inventory. */
#include "frame/out.h"
#include "provider/desk/desk.h"

command_function cmd_fleet_init;
int cmd_fleet_init(const struct command *own, int argc, char **argv)
{
    struct desk_options o = {0};
    struct fleet_act act;
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    struct fleet_names names = {.owner = NULL};
    const struct option rows[] = {
        OPTION_FLEET_WRITE(&o),
        OPTION_VALUE("owner", 0, "NAME", &names.owner, "who owns the machines"),
        OPTION_VALUE("issuer", 0, "NAME", &names.issuer, "who endorses and revokes"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (!desk_need(o.db, "db", "FILE") || !desk_act(&o, &act))
        return EXIT_USAGE;
    bool named = names.owner || names.issuer, upgraded = false;
    bool created = fleet_create(o.db, &act, named ? &names : NULL, &err);
    struct situs_err why = {0};
    if (!created && err.code == SITUS_DUPLICATE &&
        !named) /* one of an older situs is brought up to date */
        upgraded = fleet_upgrade(o.db, &act, &why);
    if (!created && !upgraded)
        return desk_failed(why.code == SITUS_NONE ? &err : &why);
    if (o.json)
        out_print("{\"created\":%s}\n", created ? "true" : "false");
    else
        out_print(created ? "a new inventory\n" : "brought to the schema of this situs\n");
    return EXIT_GOOD;
}
