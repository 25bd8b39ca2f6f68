/* A command, as its function knows it: one file cmd_<name>.c, one row of program/commands.def. */
#ifndef SITUS_FRAME_COMMAND_H
#define SITUS_FRAME_COMMAND_H

struct command {
    const char *name; /* one or two words, as "policy check" */
    const char *usage, *help;
};

/* A command gets its own row, its name (the last word of it) as argv[0] and its arguments after it;
 * it returns the exit code. */
typedef int command_function(const struct command *own, int argc, char **argv);

#endif
