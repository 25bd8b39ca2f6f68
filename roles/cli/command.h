/* The table of commands (commands.def): one row a command, one file cmd_<name>.c a row. */
#ifndef SITUS_CLI_COMMAND_H
#define SITUS_CLI_COMMAND_H

#include "cli/program.h"
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

/* A command gets its name (the last word of it) as argv[0] and its arguments after it; it returns
 * the exit code. */
typedef int command_function(int argc, char **argv);

/* One row of the table. */
struct command {
    const char *name; /* one or two words */
    const char *usage, *help;
    enum program program; /* that has it */
};

/* command_at is a row of the table; NULL after the last. */
const struct command *command_at(size_t i);

/* command_find finds a row by its whole name ("policy check"); NULL when there is none. */
const struct command *command_find(const char *name);

/* What this program is, and its functions, a row of the table each; NULL: another program's. Every
 * program has its own (main.c). */
extern const enum program command_program;
extern command_function *const command_functions[];

/* command_run finds the command that argv[1] (and argv[2]) name and runs it; returns the exit code.
 * situs becomes the program that has it. argv ends with NULL. */
int command_run(int argc, char **argv);

/* command_explain is "situs NAME --help". */
int command_explain(const struct command *command);

#define COMMAND(program, name, function, usage, help) command_function cmd_##function;
#include "cli/commands.def"
#undef COMMAND

#endif
