/* situs fleet renew: new endorsements for the machines whose old ones end soon. */
#include "base/text.h"
#include "base/time.h"
#include "frame/out.h"
#include "provider/desk/desk_poe.h"

#include <stdio.h>

/* The machines to renew, and those that will not be. */
struct due {
    struct desk_rows rows;
    struct situs_err err;
};

static bool collect(void *to, const struct fleet_machine *m)
{
    struct due *d = to;
    if (m->status != FLEET_ENROLLED) {
        out_note("%s is not renewed, for it is %s: its endorsement ends %s; when it is back in its "
                 "place, confirm it",
                 m->name, m->status == FLEET_MAINTENANCE ? "in maintenance" : "pending",
                 TEXT_TIME(m->poe_until));
        return true;
    }
    if (!desk_rows_add(&d->rows, m->name, &d->err))
        return false;
    struct desk_row *row = &d->rows.v[d->rows.n - 1];
    snprintf(row->more[0], sizeof row->more[0], "%s", m->owner); /* for the same owner */
    return true;
}

/* renew goes on after a machine that is refused, so that one does not cost all the others their
 * endorsements; the first refusal gives the exit code. */
static int renew(struct fleet *f, const struct fleet_act *act, struct endorsing *e,
                 const struct fleet_filter *filter)
{
    struct situs_err err = {0};
    struct due d = {.err = {0}};
    struct desk_poe_done done;
    bool ok = fleet_list(f, filter, collect, &d, &err);
    if (ok && d.err.code != SITUS_NONE) {
        err = d.err;
        ok = false;
    }
    ok = ok && desk_poe_many(f, act, e, &d.rows, &done, &err);
    desk_rows_free(&d.rows);
    if (!ok)
        return desk_failed(&err);
    if (e->common.json)
        out_print("{\"renewed\":%zu,\"failed\":%zu}\n", done.endorsed, done.refused);
    else
        out_print("%zu %srenewed, %zu not%s\n", done.endorsed, e->dry_run ? "would be " : "",
                  done.refused, e->dry_run ? "; nothing was signed" : "");
    return done.exit;
}

command_function cmd_fleet_renew;
int cmd_fleet_renew(const struct command *own, int argc, char **argv)
{
    struct endorsing e = {.refusal = DESK_POE_FAIL};
    struct fleet_act act;
    struct words operands = {.n = 0};
    struct fleet_filter filter = {.status = -1};
    const char *expiring = NULL;
    int64_t within = 0;
    const struct option rows[] = {
        OPTION_ENDORSING(&e),
        OPTION_VALUE("expiring", 0, "DAYS", &expiring, "those that end within DAYS (required)"),
        OPTION_VALUE("site", 0, "NAME", &filter.site, "only machines at this site"),
        OPTION_FLAG("dry-run", 0, &e.dry_run, "say what would be done, and do nothing"),
        OPTION_VALUE("output", 'o', "DIR", &e.out, "where DIR/PIID.cbor are written (required)"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    struct fleet *f = NULL;
    if (desk_need(expiring, "expiring", "14d") && desk_poe_days(expiring, "expiring", &within) &&
        (e.dry_run || (desk_need(e.out, "output", "DIR") && desk_poe_directory(e.out))) &&
        desk_poe_ready(&e, &exit))
        f = desk_open(&e.common, true, &act);
    if (f) {
        filter.expiring_before = desk_time(&act) + within;
        exit = renew(f, &act, &e, &filter);
    }
    fleet_close(f);
    signer_free(&e.signer);
    return exit;
}
