/* situs fleet history: who did what, when. */
#include "base/text.h"
#include "base/time.h"
#include "frame/table.h"
#include "provider/desk/desk.h"

static bool tell(void *to, const struct fleet_event *e)
{
    const struct table_cell row[] = {
        TABLE_NUM("number", 6, " ", e->number),       TABLE_TEXT("at", 0, " ", TEXT_TIME(e->at)),
        TABLE_TEXT("operator", -12, " ", e->by),      TABLE_TEXT("action", -11, " ", e->action),
        TABLE_MAYBE("machine", -12, " ", e->machine), TABLE_TEXT("detail", 0, "\n", e->detail)};
    table_row(to, row, sizeof row / sizeof *row);
    return true;
}

command_function cmd_fleet_history;
int cmd_fleet_history(const struct command *own, int argc, char **argv)
{
    struct desk_options o = {0};
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    const char *machine = NULL;
    const struct option rows[] = {
        OPTION_FLEET_READ(&o),
        OPTION_VALUE("machine", 'm', "NAME", &machine, "only of this machine"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    struct fleet *f = desk_open(&o, false, NULL);
    if (!f)
        return EXIT_USAGE;
    struct table t = {.json = o.json, .lines = true};
    struct fleet_machine known;
    bool ok = !machine || fleet_machine_get(f, machine, &known, &err);
    if (ok) {
        table_begin(&t, NULL, 0, "history");
        ok = fleet_history(f, machine, tell, &t, &err);
    }
    fleet_close(f);
    if (!ok)
        return desk_failed(&err);
    return table_end(&t) ? EXIT_GOOD : EXIT_USAGE;
}
