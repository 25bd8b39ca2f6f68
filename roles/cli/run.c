/* From the words of a command line to its command; see command.h. */
#include "cli/args.h"
#include "cli/command.h"
#include "cli/out.h"

#include <stdio.h>
#include <string.h>

#define NAME 64 /* letters of a command's name, and more of what is none */
#define ROWS 64 /* of the table, and more */

/* start runs a command whose name takes so many words of argv, behind that of the program. */
static int start(const struct command *c, int words, int argc, char **argv)
{
    command_function *own = command_functions[c - command_at(0)];
    if (own)
        return own(argc - words, argv + words);
    if (command_program == PROGRAM_situs)
        return program_become(c->program, argv);
    out_error("\"%s\" is not a command of %s", c->name, program_name(command_program));
    out_hint("run \"situs %s\"", c->name);
    return EXIT_USAGE;
}

int command_explain(const struct command *c)
{
    char name[NAME], program[] = "situs", help[] = "--help",
                     *argv[] = {program, name, help, NULL, NULL};
    snprintf(name, sizeof name, "%s", c->name);
    char *second = strchr(name, ' ');
    if (!second)
        return start(c, 1, 3, argv);
    *second = 0;
    argv[2] = second + 1;
    argv[3] = help;
    return start(c, 2, 4, argv);
}

/* first_word_of says that word is the first of a two-word command, as "policy". */
static bool first_word_of(const char *word, const char *name)
{
    size_t n = strlen(word);
    return strncmp(name, word, n) == 0 && name[n] == ' ';
}

static int unknown(const char *word, const char *more)
{
    const char *names[ROWS];
    size_t n = 0;
    for (; n < ROWS && command_at(n); n++)
        names[n] = command_at(n)->name;
    char whole[NAME];
    snprintf(whole, sizeof whole, "%s%s%s", word, more ? " " : "", more ? more : "");
    const char *near = args_nearest(whole, names, n);
    near = near ? near : args_nearest(word, names, n);
    out_error("unknown command \"%s\"", whole);
    if (near)
        out_hint("did you mean \"situs %s\"?", near);
    else
        out_hint("\"situs help\" lists the commands");
    return EXIT_USAGE;
}

/* of_two_words runs "WORD SECOND", or says what there is of that kind. */
static int of_two_words(const char *word, int argc, char **argv)
{
    char name[NAME];
    if (argc < 3 || argv[2][0] == '-') {
        bool help = argc > 2 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h"));
        if (help)
            return cmd_help(2, argv);
        out_error("\"%s\" needs a second word", word);
        out_hint("\"situs help %s\" lists them", word);
        return EXIT_USAGE;
    }
    snprintf(name, sizeof name, "%s %s", word, argv[2]);
    const struct command *c = command_find(name);
    return c ? start(c, 2, argc, argv) : unknown(word, argv[2]);
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
        return start(c, 1, argc, argv);
    for (size_t i = 0; command_at(i); i++)
        if (first_word_of(word, command_at(i)->name))
            return of_two_words(word, argc, argv);
    return unknown(word, NULL);
}
