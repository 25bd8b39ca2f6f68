/* The table of commands; see commands.h. */
#include "program/commands.h"

#include <string.h>

static const struct commands_row table[] = {
#define COMMAND(program, name, function, usage, help) {{name, usage, help}, PROGRAM_##program},
#include "program/commands.def"
#undef COMMAND
};
#define COMMANDS (sizeof table / sizeof *table)

const struct commands_row *commands_at(size_t i)
{
    return i < COMMANDS ? &table[i] : NULL;
}

const struct commands_row *commands_find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(table[i].command.name, name) == 0)
            return &table[i];
    return NULL;
}
