/* situs fleet add: machines from the supplier's papers, or what one machine says it is. */
#include "base/limits.h"
#include "frame/file.h"
#include "frame/load.h"
#include "frame/out.h"
#include "provider/desk/desk_composition.h"
#include "provider/desk/desk_papers.h"
#include "provider/desk/desk_poe.h"
#include "situs/door.h"

#include <stdio.h>

#define DAY 86400

struct add {
    struct desk_options common;
    const char *machine, *site, *csv, *manifest, *pck, *receipt, *vouch, *ek, *trust, *composition,
        *max_age;
    struct words prids;
    bool vtpm, dry_run;
    struct fleet *fleet; /* who adds, once it is open */
    struct fleet_act act;
};

static bool read_options(struct add *a, const struct command *own, int argc, char **argv, int *exit)
{
    struct words operands = {.n = 0};
    const struct option rows[] = {
        OPTION_FLEET_WRITE(&a->common),
        OPTION_VALUE("csv", 0, "FILE", &a->csv,
                     "a table, many at once: " FLEET_CSV "," FLEET_CSV_CLAIMS),
        OPTION_FLAG("dry-run", 0, &a->dry_run,
                    "with --csv: say what would be done, and do nothing"),
        OPTION_VALUE("machine", 'm', "NAME", &a->machine, "the machine"),
        OPTION_VALUE("site", 0, "NAME", &a->site, "where a new machine stands"),
        OPTION_LIST("prid", 0, "HEX", &a->prids, "a processor package that was delivered"),
        OPTION_VALUE("ek", 0, "FILE", &a->ek, "its TPM's EK certificate or public key, DER"),
        OPTION_FLAG("vtpm", 0, &a->vtpm, "the EK is a virtual TPM's"),
        OPTION_VALUE("manifest", 0, "FILE", &a->manifest, "its Platform Manifest"),
        OPTION_VALUE("receipt", 0, "HEX|FILE", &a->receipt,
                     "the PPID that Intel's registration answered to the manifest"),
        OPTION_VALUE("vouch", 0, "NAME", &a->vouch,
                     "who vouches for the manifest or PRIDs instead of Intel or the supplier"),
        OPTION_VALUE("pck", 0, "FILE", &a->pck, "its PCK certificate chain, PEM"),
        OPTION_VALUE("composition", 0, "FILE", &a->composition,
                     "the supplier's signed composition manifest (needs --trust)"),
        OPTION_VALUE("max-age", 0, "DAYS", &a->max_age, "how old that may be (default: 365)"),
        OPTION_VALUE("trust", 't', "FILE", &a->trust, "trust anchors (default: built in)"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    return args_read(&args, argc, argv, &operands, exit);
}

static bool usage_ok(const struct add *a)
{
    bool one = a->machine && !a->csv && !a->dry_run;
    bool many = a->csv && !a->machine && !a->site && !a->manifest && !a->pck && !a->ek &&
                !a->prids.n && !a->receipt && !a->composition;
    if (!one && !many) {
        out_error("give either --csv alone, or --machine and what is known of it");
        out_hint("\"situs fleet add --help\" lists the options");
        return false;
    }
    if (a->composition && !a->trust) {
        out_error("--trust is missing: no supplier is built in");
        out_hint("write a trust file with its root and the use \"supplier\": situs-trust(5)");
        return false;
    }
    if (many || a->site || a->prids.n || a->ek || a->manifest || a->pck || a->composition)
        return true;
    out_error("nothing to add to %s", a->machine);
    out_hint("give --site for a new machine, or --composition, --prid, --ek, --manifest or --pck");
    return false;
}

static int add_csv(struct fleet *f, const struct fleet_act *act, const struct add *a,
                   const struct trust *trust)
{
    struct situs_err err = {0};
    struct desk_papers p = {.path = a->csv,
                            .vouch = a->vouch,
                            .trust = trust,
                            .at = desk_time(act),
                            .dry_run = a->dry_run};
    if (!desk_papers_add(f, act, &p, &err))
        return desk_failed(&err);
    const struct fleet_counted *n = &p.machines;
    int64_t rows = (int64_t)(n->added + n->changed + n->there);
    desk_progress("adding", rows, rows);
    if (a->common.json) {
        out_print("{\"added\":%zu,\"changed\":%zu,\"there\":%zu", n->added, n->changed, n->there);
        if (p.claims)
            out_print(",\"stated\":%zu", p.stated);
        out_print(a->dry_run ? ",\"dry_run\":true}\n" : "}\n");
        return EXIT_GOOD;
    }
    out_print("%zu machines added, pending; %zu changed, %zu already there", n->added, n->changed,
              n->there);
    if (p.claims)
        out_print("; %zu platform instances stated", p.stated);
    out_print(a->dry_run ? "; nothing was changed\n" : "\n");
    return EXIT_GOOD;
}

static bool add_goods(struct fleet *f, const struct fleet_act *act, const struct add *a,
                      struct situs_err *err)
{
    struct fleet_goods g = {.machine = a->machine, .site = a->site, .vtpm = a->vtpm};
    if (!a->prids.n && !a->ek && (!a->site || a->composition))
        return true;
    g.vouched_by = a->prids.n ? a->vouch : NULL;
    for (size_t i = 0; i < a->prids.n; i++) {
        const char *prid = a->prids.v[i];
        if (strlen(prid) != 32 || i == FLEET_PACKAGES) {
            err_fail(err, SITUS_MALFORMED, "--prid", "", SITUS_NO_OFFSET,
                     i == FLEET_PACKAGES ? "at most 32 packages" : "32 hex digits", prid);
            return err_hint(err, "a PRID is 16 bytes, in hex, one for each processor package");
        }
        memcpy(g.prid[g.n_prids++], prid, 33);
    }
    return (!a->ek || desk_ek(&g, a->ek, err)) && fleet_add_goods(f, act, &g, err);
}

static bool add_composition(struct fleet *f, const struct fleet_act *act, const struct add *a,
                            const struct fleet_composition *c, struct situs_err *err)
{
    return !a->composition || fleet_add_composition(f, act, c, err);
}

static bool add_platform(struct fleet *f, const struct fleet_act *act, const struct add *a,
                         const struct fleet_platform *p, struct situs_err *err)
{
    return (!a->manifest && !a->pck) || fleet_add_platform(f, act, p, err);
}

/* read_platform reads the files before anything is changed. */
static bool read_platform(struct fleet_platform *p, const struct add *a, const struct trust *trust,
                          int64_t at, struct situs_err *err)
{
    p->machine = a->machine;
    p->vouched_by = a->manifest ? a->vouch : NULL;
    return (!a->manifest || desk_manifest(p, a->manifest, err)) &&
           (!a->pck || desk_pck(p, a->pck, trust, at, err)) &&
           (!a->receipt || desk_receipt(p, a->receipt, err));
}

static int add_one(struct fleet *f, const struct fleet_act *act, const struct add *a,
                   const struct trust *trust)
{
    struct situs_err err = {0};
    struct fleet_platform p = {.n_prids = 0};
    struct fleet_composition c = {.machine = a->machine, .site = a->site};
    struct file file = {0};
    int64_t age = DESK_COMPOSITION_DAYS * DAY, at = desk_time(act);
    if (a->max_age && !desk_poe_days(a->max_age, "max-age", &age))
        return EXIT_USAGE;
    bool ok = (!a->composition ||
               desk_composition_read(&c, &file, a->composition, trust, at, age / DAY, &err)) &&
              read_platform(&p, a, trust, at, &err) && add_composition(f, act, a, &c, &err) &&
              add_goods(f, act, a, &err) && add_platform(f, act, a, &p, &err);
    file_free(&file);
    return ok ? desk_after(f, a->machine, a->common.json) : desk_failed(&err);
}

static int add(void *adding, const struct situs_trust *trust)
{
    const struct add *a = adding;
    return a->csv ? add_csv(a->fleet, &a->act, a, &trust->trust)
                  : add_one(a->fleet, &a->act, a, &trust->trust);
}

command_function cmd_fleet_add;
int cmd_fleet_add(const struct command *own, int argc, char **argv)
{
    struct add a = {.csv = NULL};
    int exit;
    if (!read_options(&a, own, argc, argv, &exit))
        return exit;
    if (!usage_ok(&a))
        return EXIT_USAGE;
    a.fleet = desk_open(&a.common, true, &a.act);
    exit = a.fleet ? load_with_trust(a.trust, add, &a) : EXIT_USAGE;
    fleet_close(a.fleet);
    return exit;
}
