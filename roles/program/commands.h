/* The table of commands (commands.def): what there is, and which program has it. */
#ifndef SITUS_PROGRAM_COMMANDS_H
#define SITUS_PROGRAM_COMMANDS_H

#include "frame/command.h"
#include "program/program.h"

#include <stddef.h>

struct commands_row {
    struct command command;
    enum program program; /* that has it */
};

/* commands_at is a row of the table; NULL after the last. */
const struct commands_row *commands_at(size_t i);

/* commands_find finds a row by its whole name ("policy check"); NULL when there is none. */
const struct commands_row *commands_find(const char *name);

#endif
