/* Look-up in the table of commands; see command.h. */
#include "cli/command.h"

#include "cli/args.h"
#include "cli/out.h"

#include <stdio.h>
#include <string.h>

static const struct command table[] = {
#define COMMAND(name, function, usage, help) {name, cmd_##function, usage, help},
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

/* first_word_of says that word is the first of a two-word command, as "policy". */
static bool first_word_of(const char *word, const char *name)
{
    size_t n = strlen(word);
    return strncmp(name, word, n) == 0 && name[n] == ' ';
}

static int unknown(const char *word, const char *more)
{
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = table[i].name;
    char whole[64];
    snprintf(whole, sizeof whole, "%s%s%s", word, more ? " " : "", more ? more : "");
    const char *near = args_nearest(whole, names, COMMANDS);
    near = near ? near : args_nearest(word, names, COMMANDS);
    out_error("unknown command \"%s\"", whole);
    if (near)
        out_hint("did you mean \"situs %s\"?", near);
    else
        out_hint("\"situs help\" lists the commands");
    return EXIT_USAGE;
}

int command_run(int argc, char **argv)
{
    if (argc < 2) {
        out_error("no command given");
        out_hint("\"situs help\" lists the commands");
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        word = "version";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        word = "help";
    const struct command *c = command_find(word);
    if (c)
        return c->run(argc - 1, argv + 1);
    bool two = false;
    for (size_t i = 0; i < COMMANDS; i++)
        two = two || first_word_of(word, table[i].name);
    if (!two)
        return unknown(word, NULL);
    if (argc < 3 || argv[2][0] == '-') {
        bool help = argc > 2 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h"));
        char *args[] = {argv[0], argv[1]};
        if (help)
            return cmd_help(2, args);
        out_error("\"%s\" needs a second word", word);
        out_hint("\"situs help %s\" lists them", word);
        return EXIT_USAGE;
    }
    char name[64];
    snprintf(name, sizeof name, "%s %s", word, argv[2]);
    c = command_find(name);
    return c ? c->run(argc - 2, argv + 2) : unknown(word, argv[2]);
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
