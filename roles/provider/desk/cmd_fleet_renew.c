/* situs fleet renew: new endorsements for the machines whose old ones end soon. */
#include "frame/out.h"
#include "provider/desk/desk_poe.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The machines to renew, found before the first is changed. */
struct due {
    struct item {
        char machine[FLEET_NAME + 1], owner[FLEET_NAME + 1];
        fleet_id piid;
    } * v;
    size_t n, room;
    bool full;
};

static bool collect(void *to, const struct fleet_machine *m)
{
    struct due *d = to;
    if (m->poe_until == 0) /* never endorsed: nobody said who owns it */
        return true;
    if (d->n == d->room) {
        size_t room = d->room ? 2 * d->room : 64;
        struct item *v = realloc(d->v, room * sizeof *v);
        if (!v) {
            d->full = true;
            return false;
        }
        d->v = v;
        d->room = room;
    }
    struct item *i = &d->v[d->n++];
    snprintf(i->machine, sizeof i->machine, "%s", m->name);
    snprintf(i->owner, sizeof i->owner, "%s", m->owner);
    snprintf(i->piid, sizeof i->piid, "%s", m->piid);
    return true;
}

/* renew_all goes on after a machine that is refused, so that one does not cost all the others
 * their endorsements; the first refusal gives the exit code. */
static int renew_all(struct fleet *f, const struct fleet_act *act, struct endorsing *e,
                     const struct due *d)
{
    size_t failed = 0;
    int exit = EXIT_GOOD;
    for (size_t i = 0; i < d->n; i++) {
        struct situs_err err = {0};
        char path[4096];
        desk_poe_path(path, sizeof path, e->out, d->v[i].piid);
        if (!desk_poe_endorse(f, act, e, d->v[i].machine, d->v[i].owner, path, &err)) {
            out_error("%s is not renewed:", d->v[i].machine);
            int code = desk_failed(&err);
            exit = failed++ ? exit : code;
        }
        desk_progress("renewing", (int64_t)i + 1, (int64_t)d->n);
    }
    out_print(e->common.json ? "{\"renewed\":%zu,\"failed\":%zu}\n" : "%zu renewed, %zu not\n",
              d->n - failed, failed);
    return exit;
}

/* directory_ok looks before anything is signed: what is signed and cannot be written is on
 * record. */
static bool directory_ok(const char *path)
{
    struct stat s;
    if (stat(path, &s) == 0 && S_ISDIR(s.st_mode) && access(path, W_OK | X_OK) == 0)
        return true;
    out_error("--output %s is not a directory that can be written", path);
    out_hint("make it first: mkdir -p %s", path);
    return false;
}

command_function cmd_fleet_renew;
int cmd_fleet_renew(const struct command *own, int argc, char **argv)
{
    struct endorsing e = {.key = NULL};
    struct fleet_act act;
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    struct due d = {.v = NULL};
    const char *expiring = NULL;
    int64_t within = 0;
    const struct option rows[] = {
        OPTION_ENDORSING(&e),
        OPTION_VALUE("expiring", 0, "DAYS", &expiring, "those that end within DAYS (required)"),
        OPTION_VALUE("output", 'o', "DIR", &e.out, "where DIR/PIID.cbor are written (required)"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    struct fleet *f = NULL;
    if (desk_need(expiring, "expiring", "14d") && desk_poe_days(expiring, "expiring", &within) &&
        desk_need(e.out, "output", "DIR") && directory_ok(e.out) && desk_poe_ready(&e, &exit))
        f = desk_open(&e.common, true, &act);
    if (f) {
        struct fleet_filter filter = {NULL, FLEET_ENROLLED, desk_time(&act) + within};
        bool ok =
            fleet_list(f, &filter, collect, &d, &err) &&
            (!d.full || err_fail(&err, SITUS_NO_MEMORY, "fleet", "", SITUS_NO_OFFSET, NULL, NULL));
        exit = ok ? renew_all(f, &act, &e, &d) : desk_failed(&err);
    }
    free(d.v);
    fleet_close(f);
    signer_free(&e.signer);
    return exit;
}
