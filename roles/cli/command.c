/* The table of commands; see command.h. */
#include "cli/command.h"

#include <string.h>

static const struct command table[] = {
#define COMMAND(program, name, function, usage, help) {name, usage, help, PROGRAM_##program},
#include "cli/commands.def"
#undef COMMAND
};
#define COMMANDS (sizeof table / sizeof *table)

const struct command *command_at(size_t i)
{
    return i < COMMANDS ? &table[i] : NULL;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

int command_exit(const struct situs_err *err)
{
    switch (err->code) {
    case SITUS_MALFORMED:
    case SITUS_TOO_SHORT:
    case SITUS_TRAILING:
    case SITUS_DUPLICATE:
        return EXIT_BAD_BYTES;
    case SITUS_MISSING:
    case SITUS_TOO_LONG:
    case SITUS_NO_MEMORY:
        return EXIT_USAGE;
    case SITUS_BUSY:
        return EXIT_BUSY;
    default:
        return EXIT_REFUSED;
    }
}
