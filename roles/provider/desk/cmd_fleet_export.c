/* situs fleet export: what others need of the inventory: the signed list of its machines, the
 * signed list of what is revoked, the endorsements. */
#include "frame/file.h"
#include "frame/out.h"
#include "provider/desk/desk_lists.h"

#include <stdio.h>

struct exporting {
    struct desk_lists lists;
    const char *list, *revocations, *poe, *days;
    int64_t life; /* seconds; 0: as usual */
};

#define LIFE_LIST (7 * 86400)
#define LIFE_REVOCATIONS 86400

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

/* export_ids and export_revocations print what came of it; both is the name of the one where both are
 * asked for, else NULL. */
static int export_ids(struct fleet *f, const struct fleet_act *act, struct exporting *e, bool both)
{
    struct situs_err err = {0};
    struct desk_listed listed;
    e->lists.life = e->life ? e->life : LIFE_LIST;
    if (!desk_lists_ids(f, act, &e->lists, e->list, &listed, &err))
        return desk_failed(&err);
    if (both)
        out_print(e->lists.common.json ? ",\"list\":" : "machines: ");
    out_print(e->lists.common.json ? "{\"number\":%lld,\"entries\":%lld,\"left_out\":%lld}%s\n"
                                   : "number %lld, %lld entries, %lld machines left out%s\n",
              (long long)listed.number, (long long)listed.n, (long long)listed.left_out,
              both && e->lists.common.json ? "}" : "");
    return EXIT_GOOD;
}

static int export_revocations(struct fleet *f, const struct fleet_act *act, struct exporting *e,
                              bool both)
{
    struct situs_err err = {0};
    struct desk_listed listed;
    e->lists.life = e->life ? e->life : LIFE_REVOCATIONS;
    if (!desk_lists_revocations(f, act, &e->lists, e->revocations, &listed, &err))
        return desk_failed(&err);
    if (both)
        out_print(e->lists.common.json ? "{\"revocations\":" : "revocations: ");
    out_print(e->lists.common.json ? "{\"number\":%lld,\"entries\":%lld}"
                                   : "number %lld, %lld entries",
              (long long)listed.number, (long long)listed.n);
    out_print(both && e->lists.common.json ? "" : "\n");
    return EXIT_GOOD;
}

/* export_lists: what is revoked goes out first, and also when there is nothing to list. */
static int export_lists(struct fleet *f, const struct fleet_act *act, struct exporting *e)
{
    bool both = e->list && e->revocations;
    int exit = e->revocations ? export_revocations(f, act, e, both) : EXIT_GOOD;
    if (exit != EXIT_GOOD || !e->list)
        return exit;
    exit = export_ids(f, act, e, both);
    if (exit != EXIT_GOOD && both && e->lists.common.json)
        out_print("}\n");
    return exit;
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
    if (e->poe ? !e->list && !e->revocations : e->list || e->revocations)
        return true;
    out_error("give --list, --revocations or both, or --poe");
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
        struct fleet *f =
            desk_poe_directory(e.poe) ? desk_open(&e.lists.common, false, NULL) : NULL;
        exit = f ? export_poes(f, &e) : EXIT_USAGE;
        fleet_close(f);
        return exit;
    }
    if ((e.days && !desk_poe_days(e.days, "days", &e.life)) || !desk_lists_ready(&e.lists, &exit))
        return exit;
    struct fleet *f = desk_open(&e.lists.common, true, &act);
    exit = f ? export_lists(f, &act, &e) : EXIT_USAGE;
    fleet_close(f);
    signer_free(&e.lists.signer);
    return exit;
}
