/* situs fleet confirm: somebody has seen the machine in its place, and says what she saw. */
#include "frame/out.h"
#include "provider/desk/desk.h"

command_function cmd_fleet_confirm;
int cmd_fleet_confirm(const struct command *own, int argc, char **argv)
{
    struct desk_options o = {0};
    struct fleet_act act;
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    struct fleet_counts boot;
    struct fleet_sight seen = {.boot = NULL};
    const char *machine = NULL, *counts = NULL;
    const struct option rows[] = {
        OPTION_FLEET_WRITE(&o),
        OPTION_MACHINE(&machine),
        OPTION_VALUE("boot", 0, "RESET,RESTART", &counts, "the boot that its TPM counts"),
        OPTION_VALUE("piid", 0, "HEX", &seen.piid, "or, without a TPM, its PIID"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (!desk_need(machine, "machine", "NAME") ||
        (counts && !args_boot(counts, &boot.reset, &boot.restart)))
        return EXIT_USAGE;
    if (!counts == !seen.piid) {
        out_error("say what was seen: --boot, or --piid");
        out_hint("--boot RESET,RESTART as the machine shows it, or --piid HEX without a TPM");
        return EXIT_USAGE;
    }
    seen.boot = counts ? &boot : NULL;
    struct fleet *f = desk_open(&o, true, &act);
    if (!f)
        return EXIT_USAGE;
    bool ok = fleet_confirm(f, &act, machine, &seen, &err);
    exit = ok ? desk_after(f, machine, o.json) : desk_failed(&err);
    fleet_close(f);
    return exit;
}
