/*
 * The clerk: a connection to the registrar for each enrolment, kept from its first question to its second. Each question is
 * asked by a process of its own (an errand), which may wait for the registrar: nobody waits behind another's. Of what goes
 * through only whether it is a refusal is read; how much may wait, and for how long, is the registrar's own rule (PROTOCOLS: local servers).
 */
#include "serve/gate/gate.h"

#include "base/text.h"
#include "serve/world/talk.h"
#include "wire/wire.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PENDING \
    (WIRE_PEERS / 2) /* enrolments between their questions; others may ask the registrar too */
#define ERRANDS (2 * PENDING)
#define PART "registrar"

struct pending {
    char session[33]; /* hex; empty: free */
    int fd;           /* -1: its first question is being asked */
    int64_t since;
};

/* A question that is being asked. */
struct errand {
    int socket; /* to its process; -1: none */
    pid_t pid;
    uint64_t id;           /* of the ask */
    struct pending *place; /* of a first question; NULL: of a second */
};

/* What an errand brings back: the answer as sealed memory, and, where a second question may follow, the connection. */
struct brought {
    uint32_t status;
};

struct clerk {
    const char *registrar;
    int front;
    struct pending pending[PENDING];
    struct errand errand[ERRANDS];
};

static void drop(struct pending *p)
{
    if (p->session[0] && p->fd != -1)
        close(p->fd);
    *p = (struct pending){.fd = -1};
}

/* place is a free one, or that of the eldest once it is older than who may not be put out; NULL: none. */
static struct pending *place(struct clerk *c)
{
    struct pending *eldest = NULL;
    for (size_t i = 0; i < PENDING; i++) {
        struct pending *p = &c->pending[i];
        if (p->fd != -1 && p->session[0] && wire_now() - p->since > WIRE_SECONDS * INT64_C(1000))
            drop(p);
        if (!p->session[0])
            return p;
        if (p->fd != -1 && (!eldest || p->since < eldest->since))
            eldest = p;
    }
    if (!eldest || wire_now() - eldest->since < WIRE_STATE_AGE)
        return NULL;
    drop(eldest);
    return eldest;
}

static struct pending *find(struct clerk *c, const char *session)
{
    for (size_t i = 0; i < PENDING; i++)
        if (session[0] && c->pending[i].fd != -1 && strcmp(c->pending[i].session, session) == 0)
            return &c->pending[i];
    return NULL;
}

/* exchange sends one question and gives the answer as sealed memory; -1: there is none. err says what a refusal does. */
static int exchange(int fd, int question, struct situs_err *err)
{
    size_t n;
    if (!talk_memory_is(question, WIRE_FRAME_MAX, &n) || n == 0)
        return -1;
    void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, question, 0);
    struct span answer = {0};
    if (p != MAP_FAILED && wire_send(fd, span_of(p, n), PART, err))
        answer = wire_receive(fd, PART, err);
    if (p != MAP_FAILED)
        munmap(p, n);
    int out = answer.p ? talk_memory(answer.p, answer.n) : -1;
    (void)wire_refused(answer, PART, err);
    free((void *)(uintptr_t)answer.p);
    return out;
}

/* run is an errand's process: it asks on a connection (-1: a new one), brings back what came, and ends. */
static _Noreturn void run(const struct clerk *c, int connection, int question, int socket)
{
    struct situs_err err = {0};
    struct brought b = {.status = TALK_NO_KEEPER};
    bool first = connection == -1;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = first ? wire_connect(c->registrar, &err) : connection;
    int out = fd == -1 ? -1 : exchange(fd, question, &err);
    size_t n = out == -1 ? 0
               : first && err.code == SITUS_NONE
                   ? 2
                   : 1; /* whom it refuses, no second question follows */
    b.status = out == -1 ? TALK_NO_KEEPER : TALK_DONE;
    _exit(talk_send(socket, &b, sizeof b, (int[]){out, fd}, n) ? 0 : 1);
}

static struct errand *free_errand(struct clerk *c)
{
    for (size_t i = 0; i < ERRANDS; i++)
        if (c->errand[i].socket == -1)
            return &c->errand[i];
    return NULL;
}

/* begin sends a process with a question; false: there can be none now. */
static bool begin(struct clerk *c, uint64_t id, struct pending *place, int connection, int question)
{
    int pair[2];
    struct errand *e = free_errand(c);
    if (!e || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
        return false;
    pid_t pid = fork();
    if (pid == 0)
        run(c, connection, question, pair[1]);
    close(pair[1]);
    if (pid == -1)
        close(pair[0]);
    else
        *e = (struct errand){pair[0], pid, id, place};
    return pid != -1;
}

/* enrol takes a place for a first question, which may be followed by a second; false: there is none. */
static bool enrol(struct clerk *c, uint64_t id, int question)
{
    uint8_t random[16];
    struct pending *p = place(c);
    if (!p || getrandom(random, sizeof random, 0) != (ssize_t)sizeof random ||
        !begin(c, id, p, -1, question))
        return false;
    *p = (struct pending){.fd = -1, .since = wire_now()};
    snprintf(p->session, sizeof p->session, "%s", TEXT_HEX(SPAN_ARR(random)));
    return true;
}

/* prove ends the enrolment, whatever comes of it. */
static bool prove(struct clerk *c, uint64_t id, struct pending *p, int question)
{
    bool ok = begin(c, id, NULL, p->fd, question);
    if (ok)
        drop(p);
    return ok;
}

/* end takes what an errand brought, and answers; false: the front is gone. */
static bool end(struct clerk *c, struct errand *e)
{
    struct brought b = {.status = TALK_NO_KEEPER};
    int fds[TALK_FDS];
    size_t n = 0;
    if (!talk_receive(e->socket, &b, sizeof b, fds, &n))
        b.status = TALK_NO_KEEPER;
    close(e->socket);
    waitpid(e->pid, NULL, 0);
    struct talk_answer answer = {.id = e->id,
                                 .kind = e->place ? TALK_ENROL : TALK_PROVE,
                                 .status = b.status,
                                 .descriptors = n > 0};
    if (e->place && n == 2) {
        e->place->fd = fds[1];
        e->place->since = wire_now();
        memcpy(answer.session, e->place->session, sizeof e->place->session);
    } else if (e->place) {
        *e->place = (struct pending){.fd = -1};
    }
    *e = (struct errand){.socket = -1};
    bool sent = talk_send(c->front, &answer, sizeof answer, fds, answer.descriptors);
    if (n > 0)
        close(fds[0]);
    return sent;
}

/* hear takes one ask, and answers it where nobody has to be asked; false: the front is gone. */
static bool hear(struct clerk *c)
{
    struct talk_ask ask;
    int fds[TALK_FDS];
    size_t n;
    if (!talk_receive(c->front, &ask, sizeof ask, fds, &n))
        return false;
    struct talk_answer answer = {.id = ask.id, .kind = ask.kind, .status = TALK_MALFORMED};
    bool sent = true, begun = false;
    struct pending *p = NULL;
    if (n == 1 && ask.kind == TALK_ENROL) {
        begun = enrol(c, ask.id, fds[0]);
        answer.status = TALK_BUSY;
    } else if (n == 1 && ask.kind == TALK_PROVE && talk_is_text(ask.session, sizeof ask.session)) {
        p = find(c, ask.session);
        begun = p && prove(c, ask.id, p, fds[0]);
        answer.status = p ? TALK_BUSY : TALK_NO_SESSION;
    }
    answer.retry_after = answer.status == TALK_BUSY ? WIRE_STATE_AGE / 1000 : 0;
    if (!begun)
        sent = talk_send(c->front, &answer, sizeof answer, NULL, 0);
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    return sent;
}

/* turn waits for whoever speaks first; false: the front is gone. */
static bool turn(struct clerk *c, int stop, int front_pid)
{
    struct pollfd p[2 + ERRANDS] = {{.fd = c->front, .events = POLLIN},
                                    {.fd = stop, .events = POLLIN}};
    bool ok = true;
    for (size_t i = 0; i < ERRANDS; i++)
        p[2 + i] = (struct pollfd){.fd = c->errand[i].socket, .events = POLLIN};
    poll(p, 2 + ERRANDS, -1);
    if (p[1].revents && wire_stop_taken(stop))
        kill(front_pid, SIGTERM);
    for (size_t i = 0; ok && i < ERRANDS; i++)
        if (p[2 + i].revents)
            ok = end(c, &c->errand[i]);
    return ok && (!p[0].revents || hear(c));
}

void gate_clerk(int front, int stop, int front_pid, const char *registrar)
{
    struct clerk c = {.registrar = registrar, .front = front};
    for (size_t i = 0; i < PENDING; i++)
        c.pending[i].fd = -1;
    for (size_t i = 0; i < ERRANDS; i++)
        c.errand[i].socket = -1;
    while (turn(&c, stop, front_pid))
        ;
    for (size_t i = 0; i < PENDING; i++)
        drop(&c.pending[i]);
    for (size_t i = 0; i < ERRANDS; i++)
        if (c.errand[i].socket != -1) {
            kill(c.errand[i].pid, SIGKILL);
            waitpid(c.errand[i].pid, NULL, 0);
            close(c.errand[i].socket);
        }
}
