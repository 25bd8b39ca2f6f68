/* situs help: the table of commands, or the usage of one. */
#include "cli/args.h"
#include "cli/command.h"
#include "cli/out.h"

#include <stdio.h>

/* here says that this program has the command; situs has all of them, or becomes who has. */
static bool here(const struct command *c)
{
    return command_program == PROGRAM_situs || c->program == command_program ||
           c->program == PROGRAM_every;
}

static void list(const char *first)
{
    size_t n = first ? strlen(first) : 0;
    for (size_t i = 0; command_at(i); i++) {
        const struct command *c = command_at(i);
        if (here(c) && (!first || (strncmp(c->name, first, n) == 0 && c->name[n] == ' ')))
            out_print("  %-18s %s\n", c->name, c->help);
    }
}

static int overview(void)
{
    out_print("usage: %s COMMAND [OPTIONS] [ARGUMENTS]\n\n", program_name(command_program));
    list(NULL);
    out_print(
        "\n\"situs COMMAND --help\" explains a command. Exit codes: 0 trusted or done; 1 usage; "
        "2 bytes or\nsignatures; 3 collateral; 4 platform; 5 measurements; 6 freshness or "
        "binding.\n");
    return EXIT_GOOD;
}

int cmd_help(int argc, char **argv)
{
    const struct args args = {"help", NULL, 0, 0, 2};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (operands.n == 0)
        return overview();
    char name[64];
    snprintf(name, sizeof name, "%s%s%s", operands.v[0], operands.n > 1 ? " " : "",
             operands.n > 1 ? operands.v[1] : "");
    const struct command *c = command_find(name);
    if (c)
        return command_explain(c);
    for (size_t i = 0, n = strlen(name); command_at(i); i++)
        if (strncmp(command_at(i)->name, name, n) == 0 && command_at(i)->name[n] == ' ') {
            list(name);
            return EXIT_GOOD;
        }
    out_error("no command \"%s\"", name);
    out_hint("\"situs help\" lists the commands");
    return EXIT_USAGE;
}
