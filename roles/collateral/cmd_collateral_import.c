/* situs collateral import: verified collateral from a file, or a directory, into a directory. */
#include "collateral/collateral_state.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"

#include <stdlib.h>

static int import(void *operands, const struct situs_trust *trust)
{
    const struct words *of = operands;
    const char *from = of->v[0], *to = of->v[1];
    struct situs_err err = {0};
    struct collateral *c = calloc(1, sizeof *c);
    struct loaded_snapshot s = {.snapshot = NULL};
    int exit = EXIT_GOOD;
    if (!c || !collateral_add(c, from, &err))
        exit = file_exit(&err);
    else if (!load_snapshot(&s, c->parts, c->n, trust, &err))
        exit = load_own_exit(&s, c->parts, c->n, trust, &err);
    else if (!collateral_save(c, to, trust, true, &err))
        exit = collateral_save_exit(&err);
    if (exit != EXIT_GOOD)
        out_failure_of(from, &err);
    else
        out_note("%s now holds the collateral; \"situs collateral check\" says until when", to);
    load_snapshot_free(&s);
    if (c)
        collateral_free(c);
    free(c);
    return exit;
}

command_function cmd_collateral_import;
int cmd_collateral_import(const struct command *own, int argc, char **argv)
{
    const char *trust_path = NULL;
    const struct option options[] = {
        OPTION_VALUE("trust", 't', "FILE", &trust_path, "trust anchors (default: built in)")};
    const struct args args = {own, options, 1, 2, 2};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    return load_with_trust(trust_path, import, &operands);
}
