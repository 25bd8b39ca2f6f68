/* Dispatch, and the help that needs the whole table; see run.h. */
#include "program/run.h"

#include "base/near.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "program/commands.h"

#include <stdio.h>
#include <string.h>

#define NAME 64 /* letters of a command's name, and more of what is none */
#define ROWS 64 /* of the table, and more */

/* of_kind says that word is the first of a two-word command, as "policy". */
static bool of_kind(const char *word, const struct commands_row *row)
{
    size_t n = strlen(word);
    return strncmp(row->command.name, word, n) == 0 && row->command.name[n] == ' ';
}

/* list prints the commands of this program; situs has all of them, or becomes who has. */
static void list(const struct run *r, const char *first)
{
    const struct commands_row *row;
    for (size_t i = 0; (row = commands_at(i)) != NULL; i++) {
        bool here = r->self == PROGRAM_situs || row->program == r->self ||
                    row->program == PROGRAM_every || row->program == PROGRAM_itself;
        if (here && (!first || of_kind(first, row)))
            out_print("  %-19s %s\n", row->command.name, row->command.help);
    }
}

static int overview(const struct run *r)
{
    out_print("usage: %s COMMAND [OPTIONS] [ARGUMENTS]\n\n", program_name(r->self));
    list(r, NULL);
    out_print("\n\"situs COMMAND --help\" explains a command. Exit codes:\n");
#define EXIT(number, sentence) out_print("  %d  %s\n", number, sentence);
#include "frame/exits.def"
#undef EXIT
    return EXIT_GOOD;
}

/* list_kind lists the two-word commands that begin with word; false: there are none. */
static bool list_kind(const struct run *r, const char *word)
{
    for (size_t i = 0; commands_at(i); i++)
        if (of_kind(word, commands_at(i))) {
            list(r, word);
            return true;
        }
    return false;
}

static int start(const struct run *r, const struct commands_row *row, int words, int argc,
                 char **argv);

/* explain is "situs NAME --help". */
static int explain(const struct run *r, const struct commands_row *row)
{
    char name[NAME], situs[] = "situs", option[] = "--help";
    char *argv[] = {situs, name, option, NULL, NULL};
    snprintf(name, sizeof name, "%s", row->command.name);
    char *second = strchr(name, ' ');
    if (!second)
        return start(r, row, 1, 3, argv);
    *second = 0;
    argv[2] = second + 1;
    argv[3] = option;
    return start(r, row, 2, 4, argv);
}

static int unknown(const char *word, const char *more)
{
    const char *names[ROWS];
    size_t n = 0;
    for (; n < ROWS && commands_at(n); n++)
        names[n] = commands_at(n)->command.name;
    char whole[NAME];
    snprintf(whole, sizeof whole, "%s%s%s", word, more ? " " : "", more ? more : "");
    const char *near = near_word(whole, names, n);
    near = near ? near : near_word(word, names, n);
    out_error("unknown command \"%s\"", whole);
    if (near)
        out_hint("did you mean \"situs %s\"?", near);
    else
        out_hint("\"situs help\" lists the commands");
    return EXIT_USAGE;
}

static int help(const struct run *r, const struct command *own, int argc, char **argv)
{
    const struct args args = {own, NULL, 0, 0, 2};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (operands.n == 0)
        return overview(r);
    char name[NAME];
    snprintf(name, sizeof name, "%s%s%s", operands.v[0], operands.n > 1 ? " " : "",
             operands.n > 1 ? operands.v[1] : "");
    const struct commands_row *row = commands_find(name);
    if (row)
        return explain(r, row);
    if (list_kind(r, name))
        return EXIT_GOOD;
    return unknown(operands.v[0], operands.n > 1 ? operands.v[1] : NULL);
}

/* start runs a command whose name takes so many words of argv, behind that of the program. */
static int start(const struct run *r, const struct commands_row *row, int words, int argc,
                 char **argv)
{
    command_function *function = r->functions[row - commands_at(0)];
    if (row->program == PROGRAM_itself)
        return help(r, &row->command, argc - words, argv + words);
    if (function)
        return function(&row->command, argc - words, argv + words);
    if (r->self == PROGRAM_situs)
        return program_become(row->program, argv);
    out_error("\"%s\" is not a command of %s", row->command.name, program_name(r->self));
    out_hint("run \"situs %s\"", row->command.name);
    return EXIT_USAGE;
}

/* of_two_words runs "WORD SECOND", or says what there is of that kind. */
static int of_two_words(const struct run *r, const char *word, int argc, char **argv)
{
    char name[NAME];
    if (argc < 3 || argv[2][0] == '-') {
        if (argc > 2 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h")) &&
            list_kind(r, word))
            return EXIT_GOOD;
        out_error("\"%s\" needs a second word", word);
        out_hint("\"situs help %s\" lists them", word);
        return EXIT_USAGE;
    }
    snprintf(name, sizeof name, "%s %s", word, argv[2]);
    const struct commands_row *row = commands_find(name);
    return row ? start(r, row, 2, argc, argv) : unknown(word, argv[2]);
}

int run_words(const struct run *r, int argc, char **argv)
{
    out_words(argv);
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
    char name[NAME];
    snprintf(name, sizeof name, "%s %s", word, argc > 2 ? argv[2] : "");
    const struct commands_row *row = commands_find(name), *shorter = commands_find(word);
    if (row || shorter) /* "watch history" is not "watch" of something called history */
        return start(r, row ? row : shorter, row ? 2 : 1, argc, argv);
    for (size_t i = 0; commands_at(i); i++)
        if (of_kind(word, commands_at(i)))
            return of_two_words(r, word, argc, argv);
    return unknown(word, NULL);
}
