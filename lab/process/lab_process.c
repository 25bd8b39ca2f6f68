/* Children that die with their parent; see lab_process.h. */
#include "lab/process/lab_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab/intel/lab_buf.h"

#define CHILDREN 64

/* The children of this process that were not waited for; 0 is a free place. */
static pid_t children[CHILDREN];

static void forget(pid_t child)
{
    for (size_t i = 0; i < CHILDREN; i++)
        if (children[i] == child)
            children[i] = 0;
}

static void remember(pid_t child)
{
    static bool registered;
    if (!registered && atexit(lab_process_stop_all) == 0)
        registered = true;
    for (size_t i = 0; i < CHILDREN; i++)
        if (children[i] == 0) {
            children[i] = child;
            return;
        }
    kill(child, SIGKILL);
    lab_die("more than %d programs at once", CHILDREN);
}

pid_t lab_process_fork(void)
{
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0)
        lab_die("no child process can be made");
    if (child > 0) {
        remember(child);
        return child;
    }
    memset(children, 0, sizeof children);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it ended before prctl took hold */
        _exit(1);
    return 0;
}

static _Noreturn void become(const char *const *argv, const char *log)
{
    int null = open("/dev/null", O_RDWR);
    int out = log ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0666) : null;
    if (null >= 0 && out >= 0) {
        dup2(null, 0);
        dup2(out, 1);
        dup2(out, 2);
    }
    size_t n = 0;
    char *copy[40] = {NULL};
    while (argv[n] && n + 1 < sizeof copy / sizeof *copy) {
        copy[n] = strdup(argv[n]);
        n++;
    }
    execvp(copy[0], copy);
    _exit(127);
}

pid_t lab_process_start(const char *const *argv, const char *log)
{
    pid_t child = lab_process_fork();
    if (child == 0)
        become(argv, log);
    return child;
}

int lab_process_wait(pid_t child)
{
    int status;
    pid_t got;
    do
        got = waitpid(child, &status, 0);
    while (got < 0 && errno == EINTR);
    forget(child);
    if (got != child)
        return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int lab_process_run(const char *const *argv, const char *log)
{
    return lab_process_wait(lab_process_start(argv, log));
}

bool lab_process_alive(pid_t child)
{
    int status;
    if (child <= 0)
        return false;
    if (waitpid(child, &status, WNOHANG) == 0)
        return true;
    forget(child);
    return false;
}

void lab_process_stop(pid_t child)
{
    const struct timespec a_moment = {0, 2 * 1000 * 1000};
    if (child <= 0 || !lab_process_alive(child))
        return;
    kill(child, SIGTERM);
    for (int i = 0; i < 500; i++) {
        if (!lab_process_alive(child))
            return;
        nanosleep(&a_moment, NULL);
    }
    kill(child, SIGKILL);
    lab_process_wait(child);
}

void lab_process_stop_all(void)
{
    for (size_t i = CHILDREN; i-- > 0;)
        lab_process_stop(children[i]);
}

/* unmount takes away what is mounted below the directory. */
static void unmount(const char *directory)
{
    char line[1024], what[512], where[512];
    FILE *f = fopen("/proc/self/mounts", "r"); /* proc(5): device, mount point, ... */
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "%511s %511s", what, where) == 2 &&
            strncmp(where, directory, strlen(directory)) == 0) {
            const char *const argv[] = {"fusermount3", "-u", "-z", where, NULL};
            lab_process_run(argv, NULL);
        }
    if (f)
        fclose(f);
}

static _Noreturn void ward(const char *directory, int end)
{
    const struct timespec a_moment = {0, 20 * 1000 * 1000};
    const char *const argv[] = {"rm", "-rf", "--one-file-system", directory, NULL};
    char byte;
    while (read(end, &byte, 1) < 0 && errno == EINTR)
        ;
    for (int i = 0; i < 100 && access(directory, F_OK) == 0; i++) {
        if (i == 50) /* a file system of ours unmounts itself within the first second */
            unmount(directory);
        lab_process_run(argv, NULL);
        nanosleep(&a_moment, NULL);
    }
    _exit(0);
}

void lab_process_warden(const char *directory)
{
    int ends[2]; /* ours is open as long as this process, or a fork of it, lives */
    if (pipe2(ends, O_CLOEXEC) != 0)
        lab_die("no pipe can be made");
    pid_t child = fork();
    if (child < 0)
        lab_die("no child process can be made");
    if (child > 0) {
        close(ends[0]);
        return;
    }
    close(ends[1]);
    setsid(); /* a terminal's Control-C is not for it */
    memset(children, 0, sizeof children);
    ward(directory, ends[0]);
}
