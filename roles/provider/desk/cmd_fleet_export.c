/* situs fleet export: what others need of the inventory: the signed list of its machines, the
 * signed list of what is revoked, the endorsements. */
#include "frame/file.h"
#include "frame/out.h"
#include "provider/desk/desk_lists.h"

#include <stdio.h>

struct exporting {
    struct desk_lists lists;
    const char *list, *revocations, *poe, *days;
};

/* The endorsements, DIRECTORY/PIID.cbor each. */
struct poes {
    const char *directory;
    size_t n;
    struct situs_err err;
};

static bool put_poe(void *to, const char *piid, const struct fleet_poe *poe)
{
    struct poes *p = to;
    char path[4096];
    desk_poe_path(path, sizeof path, p->directory, piid);
    desk_progress("endorsements", (int64_t)++p->n, 0);
    return file_write(path, span_of(poe->bytes, poe->n), &p->err);
}

static int export_poes(struct fleet *f, const struct exporting *e)
{
    struct situs_err err = {0};
    struct poes p = {.directory = e->poe};
    if (!fleet_poes(f, put_poe, &p, &err))
        return desk_failed(&err);
    if (p.err.code != SITUS_NONE)
        return desk_failed(&p.err);
    desk_progress("endorsements", (int64_t)p.n, (int64_t)p.n);
    out_print(e->lists.common.json ? "{\"endorsements\":%zu}\n" : "%zu endorsements\n", p.n);
    return EXIT_GOOD;
}

static int export_ids(struct fleet *f, const struct fleet_act *act, struct exporting *e)
{
    struct situs_err err = {0};
    int64_t number = 0, n = 0, left_out = 0;
    if (!desk_lists_ids(f, act, &e->lists, e->list, &number, &n, &left_out, &err))
        return desk_failed(&err);
    out_print(e->lists.common.json ? "{\"number\":%lld,\"entries\":%lld,\"left_out\":%lld}\n"
                                   : "number %lld, %lld entries, %lld machines left out\n",
              (long long)number, (long long)n, (long long)left_out);
    return EXIT_GOOD;
}

static int export_revocations(struct fleet *f, const struct fleet_act *act, struct exporting *e)
{
    struct situs_err err = {0};
    int64_t number = 0, n = 0;
    if (!desk_lists_revocations(f, act, &e->lists, e->revocations, &number, &n, &err))
        return desk_failed(&err);
    out_print(e->lists.common.json ? "{\"number\":%lld,\"entries\":%lld}\n"
                                   : "number %lld, %lld entries\n",
              (long long)number, (long long)n);
    return EXIT_GOOD;
}

static bool read_options(struct exporting *e, const struct command *own, int argc, char **argv,
                         int *exit)
{
    struct words operands = {.n = 0};
    struct desk_lists *l = &e->lists;
    const struct option rows[] = {
        OPTION_FLEET_WRITE(&l->common),
        OPTION_VALUE("list", 0, "FILE", &e->list, "write the signed list of enrolled PPIDs"),
        OPTION_VALUE("revocations", 0, "FILE", &e->revocations,
                     "write the signed list of what is revoked"),
        OPTION_VALUE("poe", 0, "DIR", &e->poe, "write every endorsement, DIR/PIID.cbor"),
        OPTION_SIGNER(&l->sign),
        OPTION_VALUE("owner", 0, "NAME", &l->owner, "who owns the machines of the list"),
        OPTION_VALUE("issuer", 0, "NAME", &l->issuer, "who revokes"),
        OPTION_FLAG("other-owner", 0, &l->other_owner,
                    "names other than those that were set are meant"),
        OPTION_VALUE("site", 0, "NAME", &l->site, "only machines at this site (its facility)"),
        OPTION_VALUE("days", 0, "N", &e->days, "life of the list (default: 7; revocations: 1)"),
        OPTION_FLAG("salted", 0, &l->salted, "list salted hashes: not readable by browsing"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    if (!args_read(&args, argc, argv, &operands, exit))
        return false;
    *exit = EXIT_USAGE;
    if ((l->owner && !e->list) || (l->issuer && !e->revocations)) {
        out_error("--owner goes with --list, --issuer with --revocations");
        out_hint("\"situs fleet export --help\" lists the options");
        return false;
    }
    if ((e->list != NULL) + (e->revocations != NULL) + (e->poe != NULL) == 1)
        return true;
    out_error("give one of --list, --revocations and --poe");
    out_hint("\"situs fleet export --help\" lists the options");
    return false;
}

command_function cmd_fleet_export;
int cmd_fleet_export(const struct command *own, int argc, char **argv)
{
    struct exporting e = {.list = NULL};
    struct fleet_act act;
    int exit;
    if (!read_options(&e, own, argc, argv, &exit))
        return exit;
    if (e.poe) {
        struct fleet *f = desk_open(&e.lists.common, false, NULL);
        exit = f ? export_poes(f, &e) : EXIT_USAGE;
        fleet_close(f);
        return exit;
    }
    e.lists.life = (e.list ? 7 : 1) * 86400;
    if ((e.days && !desk_poe_days(e.days, "days", &e.lists.life)) ||
        !desk_lists_ready(&e.lists, &exit))
        return exit;
    struct fleet *f = desk_open(&e.lists.common, true, &act);
    if (f)
        exit = e.list ? export_ids(f, &act, &e) : export_revocations(f, &act, &e);
    else
        exit = EXIT_USAGE;
    fleet_close(f);
    signer_free(&e.lists.signer);
    return exit;
}
