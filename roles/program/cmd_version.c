/* situs version, situs --version. */
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"

command_function cmd_version;
int cmd_version(const struct command *own, int argc, char **argv)
{
    bool json = false;
    const struct option options[] = {OPTION_JSON(&json)};
    const struct args args = {own, options, 1, 0, 0};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    out_print(json ? "{\"version\": \"%s\"}\n" : "situs %s\n", SITUS_VERSION);
    return EXIT_GOOD;
}
