/*
 * The main function of every program, compiled for each with its PROGRAM: it finds the command in
 * the table and runs it; nothing is decided here.
 */
#include "crypto/bare.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "program/run.h"

#include <fcntl.h>
#include <signal.h>

#define COMMAND(program, name, function, usage, help) command_function cmd_##function;
#include "program/commands.def"
#undef COMMAND

/* Of the functions that the table names this program has its own, and those of every program. */
#define COMMAND(program, name, function, usage, help) \
    PROGRAM_##program == PROGRAM || PROGRAM_##program == PROGRAM_every ? cmd_##function : NULL,
static command_function *const functions[] = {
#include "program/commands.def"
};
#undef COMMAND

/*
 * A closed standard descriptor would be given to the next file opened, and output would land in
 * that file. stdin and stdout get a /dev/null that cannot be used (a write fails), stderr one that
 * swallows.
 */
static bool standard_descriptors(void)
{
    static const int mode[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", mode[fd]) != fd)
            return false;
    return true;
}

/* What only reads and verifies; a judge of the service may open no file. */
static bool needs_no_configuration(enum program program)
{
    return program == PROGRAM_situs || program == PROGRAM_serve;
}

int main(int argc, char **argv)
{
    const struct run program = {PROGRAM, functions};
    if (!standard_descriptors())
        return EXIT_USAGE;
    signal(SIGPIPE, SIG_IGN); /* a broken pipe is a write error like any other: exit 1 */
    signal(SIGXFSZ, SIG_IGN); /* a full disk too, by a limit of this process */
    if (needs_no_configuration(PROGRAM))
        crypto_bare();
    return out_finish(run_words(&program, argc, argv));
}
