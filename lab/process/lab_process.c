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
    sigset_t none;
    sigemptyset(&none);
    memset(children, 0, sizeof children);
    sigprocmask(SIG_SETMASK, &none, NULL); /* the parent may wait for them */
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it ended before prctl took hold */
        _exit(1);
    return 0;
}

/* become is exec of a path, or of a name in PATH. */
static _Noreturn void become(const char *program, const char *const *argv)
{
    size_t n = 0;
    char *copy[40] = {NULL};
    while (argv[n] && n + 1 < sizeof copy / sizeof *copy) {
        copy[n] = strdup(argv[n]);
        n++;
    }
    execvp(program, copy);
    _exit(127);
}

static void say_into(const char *log)
{
    int null = open("/dev/null", O_RDWR);
    int out = log ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0666) : null;
    if (null >= 0 && out >= 0) {
        dup2(null, 0);
        dup2(out, 1);
        dup2(out, 2);
    }
}

pid_t lab_process_start(const char *const *argv, const char *log)
{
    pid_t child = lab_process_fork();
    if (child == 0) {
        say_into(log);
        become(argv[0], argv);
    }
    return child;
}

int lab_process_show(const char *program, const char *const *argv)
{
    pid_t child = lab_process_fork();
    if (child == 0)
        become(program, argv);
    return lab_process_wait(child);
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
