/* situs lab machine: one machine of the simulated data centre, challenged and appraised; see
 * situs-lab(1). */
#include "base/limits.h"
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"
#include "lab/live/lab_live.h"
#include "lab/process/lab_process.h"
#include "program/program.h"

#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

/* The relying party's side: the command line that a user would give. */
static int verify(const struct lab_site *s, const struct lab_live_row *row, const char *bundle,
                  const char *nonce)
{
    char policy[LAB_PATH], trust[LAB_PATH], collateral[LAB_PATH], crl[LAB_PATH], name[40];
    snprintf(name, sizeof name, "policy-%s.json", lab_live_policy(row));
    lab_site_path(s, policy, name, NULL);
    lab_site_path(s, trust, "trust.json", NULL);
    lab_site_path(s, collateral, "collateral.json", NULL);
    lab_site_path(s, crl, "provider.crl", NULL);
    const char *const arguments[] = {
        "situs",    "verify",  bundle, "--policy",
        policy,     "--trust", trust,  "--collateral",
        collateral, "--nonce", nonce,  row->snp || row->paravisor ? NULL : "--endorsement",
        crl,        NULL};
    for (size_t i = 0; arguments[i]; i++)
        out_print("%s%s", i ? " " : "$ ", arguments[i]);
    out_print("\n");
    fflush(stdout); /* what situs says comes after it */
    return lab_process_show(s->program, arguments);
}

/* What registrar, host, agent and attester said. */
static void print_log(const struct lab_site *s)
{
    char path[LAB_PATH];
    struct situs_err ignored = {0};
    struct file log;
    lab_site_path(s, path, "log", NULL);
    if (file_read(&log, path, LIMIT_LOG, &ignored))
        out_bytes(file_span(&log));
    file_free(&log);
}

static int run(struct lab_site *s, const struct lab_live_row *row)
{
    struct lab_live m;
    char bundle[LAB_PATH];
    uint8_t nonce[32];
    lab_live_start(&m, s, row);
    lab_site_path(s, bundle, row->name, "evidence.cmw");
    if (!lab_live_mounted(&m))
        out_note("no FUSE here: configfs-tsm stands behind the attester's file calls");
    if (getrandom(nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce)
        out_error("the kernel gives no random bytes");
    else if (lab_live_collect(&m, nonce, bundle)) {
        if (s->verbose)
            print_log(s);
        int exit = verify(s, row, bundle, TEXT_HEX(SPAN_ARR(nonce)));
        lab_live_stop(&m);
        return exit;
    } else
        out_error("the attester of %s refuses; see %s/log", row->name, s->directory);
    lab_live_stop(&m);
    return EXIT_USAGE;
}

command_function cmd_lab_machine;
int cmd_lab_machine(const struct command *own, int argc, char **argv)
{
    const char *directory = "situs-lab";
    char program[PATH_MAX];
    const char *given = NULL;
    bool verbose = false;
    const struct option options[] = {
        OPTION_VALUE("dir", 'd', "DIR", &given, "directory of the data centre (situs-lab)"),
        OPTION_VERBOSE(&verbose),
    };
    const struct args args = {own, options, 2, 1, 1};
    struct words operands = {.n = 0};
    struct lab_site s;
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    const struct lab_live_row *row = lab_live_find(operands.v[0]);
    if (!row) {
        out_error("no machine \"%s\"", operands.v[0]);
        out_hint("machines are: cloud, metal, basement, snp, azure");
        return EXIT_USAGE;
    }
    if (!program_find(program, PROGRAM_situs))
        return EXIT_USAGE;
    lab_site_open(&s, program, given ? given : directory);
    s.verbose = verbose;
    if (verbose) /* where no FUSE is, the attester's code runs here */
        out_verbose();
    exit = run(&s, row);
    lab_site_close(&s);
    return out_finish(exit);
}
