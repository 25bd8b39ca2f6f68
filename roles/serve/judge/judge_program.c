/* Becoming situs-judge; see judge_program.h. */
#include "serve/judge/judge_program.h"

#include "frame/out.h"
#include "program/program.h"
#include "serve/world/serve_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool judge_program_can(const struct serve_config *c)
{
    char path[PATH_MAX];
    if (c->builds == 1)
        return true;
    if (program_find(path, PROGRAM_judge)) {
        if (access(path, X_OK) == 0)
            return true;
        out_error("%s: cannot be run: %s", path, strerror(errno));
    }
    out_hint("it is the judges' second build: \"judges\": \"two\" does without");
    return false;
}

/* aside is a copy of a descriptor behind those with which the program begins. */
static int aside(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, JUDGE_PROGRAM_PACK + 1);
}

int judge_program_become(int pack, int socket)
{
    char path[PATH_MAX], name[] = "situs-judge";
    char *const argv[] = {name, NULL}, *const none[] = {NULL};
    const char *const reads[] = {path};
    int keeper = aside(socket), files = aside(pack);
    if (keeper != -1 && files != -1 && program_find(path, PROGRAM_judge) &&
        dup2(keeper, JUDGE_PROGRAM_KEEPER) != -1 && dup2(files, JUDGE_PROGRAM_PACK) != -1 &&
        serve_confine_reader(reads, 1))
        execve(path, argv, none);
    out_error("judges of the second build cannot be made: %s", strerror(errno));
    return 1;
}
