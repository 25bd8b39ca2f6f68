/* situs fleet set: in whose name the inventory signs. */
#include "frame/out.h"
#include "provider/desk/desk.h"

command_function cmd_fleet_set;
int cmd_fleet_set(const struct command *own, int argc, char **argv)
{
    struct desk_options o = {0};
    struct fleet_act act;
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    struct fleet_names n = {.owner = NULL};
    const struct option rows[] = {
        OPTION_FLEET_WRITE(&o),
        OPTION_VALUE("owner", 0, "NAME", &n.owner, "who owns the machines"),
        OPTION_VALUE("issuer", 0, "NAME", &n.issuer, "who endorses and revokes"),
        OPTION_VALUE("site", 0, "NAME", &n.site, "the owner of the machines at this site"),
        OPTION_VALUE("machine", 'm', "NAME", &n.machine, "the owner of this machine"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (!n.owner && !n.issuer) {
        out_error("nothing to set");
        out_hint("give --owner NAME, or --issuer NAME");
        return EXIT_USAGE;
    }
    struct fleet *f = desk_open(&o, true, &act);
    if (!f)
        return EXIT_USAGE;
    bool ok = fleet_set(f, &act, &n, &err);
    fleet_close(f);
    if (!ok)
        return desk_failed(&err);
    out_print(o.json ? "{\"set\":true}\n" : "set\n");
    return EXIT_GOOD;
}
