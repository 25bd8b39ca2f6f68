/*
 * The clerk: a connection to the registrar for each enrolment, kept from its first question to its second. Of what goes
 * through only whether it is a refusal is read; how much may wait, and for how long, is the registrar's own rule (PROTOCOLS: local servers).
 */
#include "serve/gate.h"

#include "base/text.h"
#include "serve/talk.h"
#include "wire/wire.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#define PENDING \
    (WIRE_PEERS / 2) /* enrolments between their questions; others may ask the registrar too */
#define PART "registrar"

struct pending {
    char session[33]; /* hex; empty: free */
    int fd;
    int64_t since;
};

struct clerk {
    const char *registrar;
    struct pending pending[PENDING];
};

static void drop(struct pending *p)
{
    if (p->session[0])
        close(p->fd);
    *p = (struct pending){.fd = -1};
}

/* place is a free one, or that of the eldest once it is older than who may not be put out; NULL: none. */
static struct pending *place(struct clerk *c)
{
    struct pending *eldest = &c->pending[0];
    for (size_t i = 0; i < PENDING; i++) {
        struct pending *p = &c->pending[i];
        if (p->session[0] && wire_now() - p->since > WIRE_SECONDS * INT64_C(1000))
            drop(p);
        if (!p->session[0])
            return p;
        if (p->since < eldest->since)
            eldest = p;
    }
    if (wire_now() - eldest->since < WIRE_STATE_AGE)
        return NULL;
    drop(eldest);
    return eldest;
}

static struct pending *find(struct clerk *c, const char *session)
{
    for (size_t i = 0; i < PENDING; i++)
        if (session[0] && strcmp(c->pending[i].session, session) == 0)
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

static int enrol(struct clerk *c, int question, struct talk_answer *answer)
{
    struct situs_err err = {0};
    uint8_t id[16];
    struct pending *p = place(c);
    answer->status = TALK_BUSY;
    answer->retry_after = WIRE_STATE_AGE / 1000;
    if (!p || getrandom(id, sizeof id, 0) != (ssize_t)sizeof id)
        return -1;
    answer->status = TALK_NO_KEEPER;
    int fd = wire_connect(c->registrar, &err), out = fd == -1 ? -1 : exchange(fd, question, &err);
    if (out != -1)
        answer->status = TALK_DONE;
    if (out == -1 || err.code != SITUS_NONE) { /* whom it refuses, no second question follows */
        if (fd != -1)
            close(fd);
        return out;
    }
    *p = (struct pending){.fd = fd, .since = wire_now()};
    snprintf(p->session, sizeof p->session, "%s", TEXT_HEX(SPAN_ARR(id)));
    memcpy(answer->session, p->session, sizeof p->session);
    return out;
}

/* prove ends the enrolment, whatever comes of it. */
static int prove(struct clerk *c, const char *session, int question, struct talk_answer *answer)
{
    struct situs_err err = {0};
    struct pending *p = find(c, session);
    answer->status = TALK_NO_SESSION;
    if (!p)
        return -1;
    int out = exchange(p->fd, question, &err);
    drop(p);
    answer->status = out == -1 ? TALK_NO_KEEPER : TALK_DONE;
    return out;
}

/* hear answers one ask; false: the front is gone. */
static bool hear(struct clerk *c, int front)
{
    struct talk_ask ask;
    int fds[TALK_FDS];
    size_t n;
    if (!talk_receive(front, &ask, sizeof ask, fds, &n))
        return false;
    struct talk_answer answer = {.id = ask.id, .kind = ask.kind, .status = TALK_MALFORMED};
    int out = -1;
    if (n == 1 && ask.kind == TALK_ENROL)
        out = enrol(c, fds[0], &answer);
    else if (n == 1 && ask.kind == TALK_PROVE && talk_is_text(ask.session, sizeof ask.session))
        out = prove(c, ask.session, fds[0], &answer);
    answer.descriptors = out != -1;
    bool sent = talk_send(front, &answer, sizeof answer, &out, answer.descriptors);
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    if (out != -1)
        close(out);
    return sent;
}

void gate_clerk(int front, int stop, int front_pid, const char *registrar)
{
    struct clerk c = {.registrar = registrar};
    struct pollfd p[] = {{.fd = front, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
    for (size_t i = 0; i < PENDING; i++)
        c.pending[i].fd = -1;
    for (;;) {
        poll(p, 2, -1);
        if (p[1].revents && wire_stop_taken(stop))
            kill(front_pid, SIGTERM);
        if (p[0].revents && !hear(&c, front))
            break;
    }
    for (size_t i = 0; i < PENDING; i++)
        drop(&c.pending[i]);
}
