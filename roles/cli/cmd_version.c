/* situs version, situs --version. */
#include "cli/args.h"
#include "cli/command.h"
#include "cli/out.h"

int cmd_version(int argc, char **argv)
{
    bool json = false;
    const struct option options[] = {OPTION_JSON(&json)};
    const struct args args = {"version", options, 1, 0, 0};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    out_print(json ? "{\"version\": \"%s\"}\n" : "situs %s\n", SITUS_VERSION);
    return EXIT_GOOD;
}
