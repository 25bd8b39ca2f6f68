/* situs fleet move: machines stand at another site now, where nobody has seen them yet. */
#include "frame/out.h"
#include "provider/desk/desk_many.h"

static const char *const headers[] = {"machine,site"};

static bool move(struct fleet *f, const struct fleet_act *act, const void *to,
                 const struct desk_rows *rows, const struct desk_row *row, struct situs_err *err)
{
    (void)rows;
    return fleet_move(f, act, row->machine, row->line ? row->more[0] : (const char *)to, err);
}

static bool usage_ok(const struct desk_many *m, const char *site)
{
    if (!desk_many_ok(m, false))
        return false;
    if (!m->machine == !site)
        return true;
    out_error("say where to: --machine NAME --site NAME, or --csv FILE");
    out_hint("a table has the columns machine,site");
    return false;
}

command_function cmd_fleet_move;
int cmd_fleet_move(const struct command *own, int argc, char **argv)
{
    struct desk_options o = {0};
    struct desk_many m = {.csv = NULL};
    struct desk_rows rows = {.v = NULL};
    struct fleet_act act;
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    const char *site = NULL;
    const struct option options[] = {
        OPTION_FLEET_WRITE(&o),
        OPTION_MANY(&m, "machine,site"),
        OPTION_VALUE("site", 0, "NAME", &site, "where the machine stands now"),
    };
    struct desk_deed moving = {move, NULL, "moved; see each in its place, then confirm it"};
    const struct args args = {own, options, sizeof options / sizeof *options, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    struct fleet *f = usage_ok(&m, site) ? desk_open(&o, true, &act) : NULL;
    if (!f)
        return EXIT_USAGE;
    moving.to = site;
    exit = desk_rows_read(&rows, f, &m, headers, 1, &err)
               ? desk_many(f, &act, &m, &rows, &moving, o.json)
               : desk_failed(&err);
    desk_rows_free(&rows);
    fleet_close(f);
    return exit;
}
