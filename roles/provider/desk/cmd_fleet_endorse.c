/* situs fleet endorse: ownership endorsements for one machine, or for many. */
#include "frame/out.h"
#include "provider/desk/desk_poe.h"

static const char *const headers[] = {"machine"};

static bool usage_ok(const struct endorsing *e, const struct desk_many *m)
{
    if (!desk_many_ok(m, true))
        return false;
    if (m->dry_run)
        return true;
    return m->machine ? desk_need(e->out, "output", "FILE")
                      : desk_need(e->out, "output", "DIR") && desk_poe_directory(e->out);
}

/* A table names machines that are meant, each; of a site those are endorsed that may be. */
static int endorse_many(struct fleet *f, const struct fleet_act *act, struct endorsing *e,
                        const struct desk_many *m)
{
    struct situs_err err = {0};
    struct desk_rows rows = {.v = NULL};
    struct desk_poe_done done;
    e->refusal = m->site ? DESK_POE_LEAVE : DESK_POE_STOP;
    e->dry_run = m->dry_run;
    bool ok = desk_rows_read(&rows, f, m, headers, 1, &err) &&
              desk_poe_many(f, act, e, &rows, &done, &err);
    desk_rows_free(&rows);
    if (!ok)
        return desk_failed(&err);
    if (e->common.json)
        out_print("{\"endorsed\":%zu,\"left_out\":%zu,\"dry_run\":%s}\n", done.endorsed,
                  done.refused, m->dry_run ? "true" : "false");
    else
        out_print("%zu machine%s %sendorsed, %zu left out%s\n", done.endorsed,
                  done.endorsed == 1 ? "" : "s", m->dry_run ? "would be " : "", done.refused,
                  m->dry_run ? "; nothing was signed" : "");
    return EXIT_GOOD;
}

static int endorse_one(struct fleet *f, const struct fleet_act *act, struct endorsing *e,
                       const char *machine)
{
    struct situs_err err = {0};
    if (!desk_poe_endorse(f, act, e, machine, e->owner, e->out, &err))
        return desk_failed(&err);
    return strcmp(e->out, "-") == 0 ? EXIT_GOOD : desk_after(f, machine, e->common.json);
}

command_function cmd_fleet_endorse;
int cmd_fleet_endorse(const struct command *own, int argc, char **argv)
{
    struct endorsing e = {.out = NULL};
    struct desk_many m = {.csv = NULL};
    struct fleet_act act;
    struct words operands = {.n = 0};
    const struct option rows[] = {
        OPTION_ENDORSING(&e),
        OPTION_MANY(&m, "machine"),
        OPTION_MANY_SITE(&m),
        OPTION_VALUE("owner", 0, "NAME", &e.owner, "who owns it (default: as it was set)"),
        OPTION_VALUE("output", 'o', "FILE|DIR", &e.out,
                     "the endorsement (- is stdout); of many: DIR/PIID.cbor"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    struct fleet *f = NULL;
    if (usage_ok(&e, &m) && desk_poe_ready(&e, &exit))
        f = desk_open(&e.common, true, &act);
    if (f)
        exit = m.machine && !m.dry_run ? endorse_one(f, &act, &e, m.machine)
                                       : endorse_many(f, &act, &e, &m);
    fleet_close(f);
    signer_free(&e.signer);
    return exit;
}
