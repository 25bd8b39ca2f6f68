/* The table of commands (commands.def): one row a command, one file cmd_<name>.c a row. */
#ifndef SITUS_CLI_COMMAND_H
#define SITUS_CLI_COMMAND_H

#include "situs.h"

#include <stdbool.h>
#include <stddef.h>

/* Exit codes (DESIGN: checks) that the program itself gives; the others come from checks.def. */
enum exit_code {
    EXIT_GOOD = 0,
    EXIT_USAGE = 1,
    EXIT_BAD_BYTES = 2,
    EXIT_COLLATERAL = 3,
    EXIT_REFUSED = 6,
    EXIT_BUSY = 7 /* busy, or not to be reached: try again */
};

/* command_exit is the exit code of a role's failure: 2 for bytes that do not parse, 1 for what is
 * absent, 7 for what is busy, else 6: a TPM, an agent or a registrar refused. */
int command_exit(const struct situs_err *err);

/* A command gets its name (one or two words) as argv[0] and its arguments after it; it returns the
 * exit code. */
struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage, *help;
};

/* command_at is a row of the table; NULL after the last. */
const struct command *command_at(size_t i);

/* command_find finds a row by its whole name ("policy check"); NULL when there is none. */
const struct command *command_find(const char *name);

/* command_run finds the command that argv[1] (and argv[2]) name and runs it; returns the exit code.
 */
int command_run(int argc, char **argv);

#define COMMAND(name, function, usage, help) int cmd_##function(int argc, char **argv);
#include "cli/commands.def"
#undef COMMAND

#endif
