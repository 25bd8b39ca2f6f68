/* From the words of a command line to its command. */
#ifndef SITUS_PROGRAM_RUN_H
#define SITUS_PROGRAM_RUN_H

#include "frame/command.h"
#include "program/program.h"

/* A program: which it is, and its functions, one for each row of commands.def, NULL where another
 * program has it. */
struct run {
    enum program self;
    command_function *const *functions;
};

/* run_words finds the command that argv[1] (and argv[2]) name and runs it; situs becomes the
 * program that has it. argv ends with NULL. The exit code. */
int run_words(const struct run *r, int argc, char **argv);

#endif
