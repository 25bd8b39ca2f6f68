/* The situs program: finds the command in the table and runs it; nothing is decided here. */
#include "cli/command.h"
#include "cli/out.h"

#include <fcntl.h>
#include <signal.h>

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
