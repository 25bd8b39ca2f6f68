/*
 * The main function of every program, compiled for each with its PROGRAM: it finds the command in
 * the table and runs it; nothing is decided here.
 */
#include "cli/command.h"
#include "cli/out.h"

#include <fcntl.h>
#include <signal.h>

const enum program command_program = PROGRAM;

#define COMMAND(program, name, function, usage, help) \
    PROGRAM_##program == PROGRAM || PROGRAM_##program == PROGRAM_every ? cmd_##function : NULL,
command_function *const command_functions[] = {
#include "cli/commands.def"
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

int main(int argc, char **argv)
{
    if (!standard_descriptors())
        return EXIT_USAGE;
    signal(SIGPIPE, SIG_IGN); /* a broken pipe is a write error like any other: exit 1 */
    signal(SIGXFSZ, SIG_IGN); /* a full disk too, by a limit of this process */
    return out_finish(command_run(argc, argv));
}
