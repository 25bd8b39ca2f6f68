/* The agent's processes; see agent.h. A VM has one of its own: what stalls or goes wrong there, its
 * quoting service among it, stays there. */
#include "host/agent.h"

#include "frame/out.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK 200 /* milliseconds between two looks after the processes */

struct crew {
    struct agent *agent;
    struct wire_server server; /* two listeners a VM, in order */
    pid_t process[AGENT_VMS];  /* 0: none */
    int stop;
};

/* serve is the life of one VM's process: an agent of that VM alone. */
static _Noreturn void serve(struct crew *c, size_t vm, pid_t parent)
{
    struct situs_err err = {0};
    struct wire_server own = {.n = 2};
    sigset_t of_terminal; /* Control-C goes to all; we are told once, by our parent */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    signal(SIGINT, SIG_IGN);
    sigemptyset(&of_terminal);
    sigaddset(&of_terminal, SIGINT);
    sigprocmask(SIG_UNBLOCK, &of_terminal, NULL);
    for (size_t i = 0; i < c->server.n; i++)
        if (i / 2 == vm)
            own.listener[i % 2] = c->server.listener[i];
        else
            close(c->server.listener[i].fd);
    c->agent->vm[0] = c->agent->vm[vm];
    c->agent->n = 1;
    const struct wire_handler handler = agent_handler(c->agent);
    bool ok = wire_serve(&own, &handler, c->stop, &err);
    if (!ok)
        out_failure(&err);
    _exit(ok ? 0 : 1);
}

static bool start(struct crew *c, size_t vm, struct situs_err *err)
{
    pid_t parent = getpid();
    c->process[vm] = fork();
    if (c->process[vm] == 0)
        serve(c, vm, parent);
    if (c->process[vm] > 0)
        return true;
    c->process[vm] = 0;
    return err_fail(err, SITUS_NO_MEMORY, "agent", "process", SITUS_NO_OFFSET, NULL, NULL);
}

/* look starts anew what has ended; what it remembered of its VM's quotes is gone with it. */
static void look(struct crew *c)
{
    struct situs_err ignored = {0};
    for (size_t i = 0; i < c->agent->n; i++) {
        if (c->process[i] && waitpid(c->process[i], NULL, WNOHANG) == 0)
            continue;
        if (c->process[i])
            out_note("the process of %s ended, and is started again", c->agent->vm[i].name);
        start(c, i, &ignored);
    }
}

/* finish passes the signal on, a second one too, and waits for all. */
static void finish(struct crew *c)
{
    size_t left;
    do {
        bool told = wire_stop_taken(c->stop);
        left = 0;
        for (size_t i = 0; i < c->agent->n; i++) {
            if (c->process[i] && told)
                kill(c->process[i], SIGTERM);
            if (c->process[i] && waitpid(c->process[i], NULL, WNOHANG) != 0)
                c->process[i] = 0;
            left += c->process[i] != 0;
        }
        if (left)
            poll(NULL, 0, 10);
    } while (left);
}

bool agent_run(struct agent *a, const char *dir, int stop, struct situs_err *err)
{
    struct crew c = {.agent = a, .stop = stop};
    struct pollfd p = {.fd = stop, .events = POLLIN};
    bool ok = agent_listen(a, &c.server, dir, err);
    for (size_t i = 0; ok && i < a->n; i++)
        ok = start(&c, i, err);
    if (ok)
        out_note("serving %zu VMs below %s", a->n, dir);
    while (ok && poll(&p, 1, LOOK) <= 0)
        look(&c);
    if (ok)
        finish(&c);
    for (size_t i = 0; i < a->n; i++)
        if (c.process[i] > 0)
            kill(c.process[i], SIGKILL);
    wire_close(&c.server);
    return ok;
}
