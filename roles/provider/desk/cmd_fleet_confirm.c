/* situs fleet confirm: somebody has seen machines in their place, and says what she saw of each. */
#include "frame/out.h"
#include "provider/desk/desk_many.h"

#include <stdio.h>

/* The tables: what was seen is named machine by machine, never by site. */
static const char *const headers[] = {"machine,reset,restart", "machine,piid"};
enum { BOOTS, PIIDS, HEADERS };

struct confirming {
    struct desk_options common;
    struct desk_many many;
    const char *boot, *piid;
};

static bool confirm(struct fleet *f, const struct fleet_act *act, const void *to,
                    const struct desk_rows *rows, const struct desk_row *row, struct situs_err *err)
{
    const struct confirming *c = to;
    struct fleet_counts boot = {0, 0};
    char text[2 * FLEET_NAME + 2];
    bool table = row->line > 0, boots = table ? rows->header == BOOTS : c->boot != NULL;
    const struct fleet_sight seen = {.boot = boots ? &boot : NULL,
                                     .piid = boots   ? NULL
                                             : table ? row->more[0]
                                                     : c->piid};
    snprintf(text, sizeof text, "%s,%s", row->more[0], row->more[1]);
    if (boots && !args_boot_read(table ? text : c->boot, &boot.reset, &boot.restart)) {
        err_fail(err, SITUS_MALFORMED, "CSV", "boot", SITUS_NO_OFFSET,
                 "RESET,RESTART: two numbers of 32 bits", text);
        return err_hint(err, "write the boot as the machine shows it; nothing was confirmed");
    }
    return fleet_confirm(f, act, row->machine, &seen, err);
}

static bool usage_ok(const struct confirming *c)
{
    struct fleet_counts boot;
    if (!desk_many_ok(&c->many, false) ||
        (c->boot && !args_boot(c->boot, &boot.reset, &boot.restart)))
        return false;
    if (c->many.csv ? !c->boot && !c->piid : !c->boot != !c->piid)
        return true;
    out_error("say what was seen: --boot, or --piid");
    out_hint("--boot RESET,RESTART as the machine shows it, or --piid HEX without a TPM; a table "
             "says it in its own columns");
    return false;
}

command_function cmd_fleet_confirm;
int cmd_fleet_confirm(const struct command *own, int argc, char **argv)
{
    struct confirming c = {.boot = NULL};
    struct fleet_act act;
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    struct desk_rows rows = {.v = NULL};
    const struct option options[] = {
        OPTION_FLEET_WRITE(&c.common),
        OPTION_MANY(&c.many, "machine,reset,restart or machine,piid"),
        OPTION_VALUE("boot", 0, "RESET,RESTART", &c.boot, "the boot that its TPM counts"),
        OPTION_VALUE("piid", 0, "HEX", &c.piid, "or, without a TPM, its PIID"),
    };
    const struct args args = {own, options, sizeof options / sizeof *options, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    struct fleet *f = usage_ok(&c) ? desk_open(&c.common, true, &act) : NULL;
    if (!f)
        return EXIT_USAGE;
    exit = desk_rows_read(&rows, f, &c.many, headers, HEADERS, &err)
               ? desk_many(f, &act, &c.many, &rows, &(struct desk_deed){confirm, &c, "confirmed"},
                           c.common.json)
               : desk_failed(&err);
    desk_rows_free(&rows);
    fleet_close(f);
    return exit;
}
