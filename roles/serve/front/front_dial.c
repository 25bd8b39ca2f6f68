/* Asking attesters; see front_dial.h. */
#include "serve/front/front_dial.h"

#include "wire/attest_answer.h"
#include "wire/tls.h"
#include "wire/wire.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PART "attester"
#define SOCKET 3 /* the child's only descriptor behind the standard ones */

static int64_t microseconds(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static bool may(void *context, const struct sockaddr_storage *at)
{
    return dial_config_may(context, at);
}

/* ask fills the answer; the evidence as sealed memory, or -1. Why there is none is nobody's to know: who asks would learn
 * what listens where. */
static int ask(struct tls *t, struct span nonce, int64_t deadline, struct dial_answer *a)
{
    uint8_t room[ATTEST_QUESTION_MAX];
    struct wr w = wr_new(room, sizeof room);
    struct situs_err err = {0};
    struct span body, bundle, key = tls_peer(t);
    attest_question_write(&w, nonce);
    int64_t began = microseconds();
    if (key.n > sizeof a->channel || !tls_send(t, wr_span(&w), PART, &err) ||
        tls_wait(&t, 1, deadline) != 0)
        return -1;
    body = tls_receive(t, WIRE_FRAME_MAX, PART, &err);
    int64_t took = microseconds() - began;
    if (!body.p || took > UINT32_MAX || !attest_answer_read(body, &bundle, &err) || !bundle.n)
        return -1;
    *a = (struct dial_answer){1, (uint32_t)(took > 0 ? took : 1), (uint32_t)key.n, {0}};
    memcpy(a->channel, key.p, key.n);
    return talk_memory(bundle.p, bundle.n);
}

/* dial is the child's life. It has no descriptor of the front's, and ends when the front does. */
static _Noreturn void dial(const struct dial_config *config, const struct front_dialled *to,
                           int socket, pid_t parent)
{
    struct dial_answer a = {.ok = 0};
    struct situs_err err = {0};
    int64_t deadline = wire_now() + to->ms;
    prctl(PR_SET_NAME, "situs-dial");
    signal(SIGTERM, SIG_DFL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
        (socket != SOCKET && dup2(socket, SOCKET) != SOCKET) ||
        close_range(SOCKET + 1, ~0U, 0) != 0)
        _exit(1);
    alarm((unsigned)(to->ms / 1000) + 2); /* ends what no deadline reaches */
    struct tls *t = tls_connect_where(config->target[to->target], deadline, may,
                                      (void *)(uintptr_t)config, &err);
    int bundle = t ? ask(t, to->nonce, deadline, &a) : -1;
    tls_close(t);
    a.ok = bundle != -1;
    _exit(talk_send(SOCKET, &a, sizeof a, &bundle, bundle != -1) ? 0 : 1);
}

/* free_place gives a place back; its process ends. */
static void free_place(struct front_dial *p)
{
    close(p->fd);
    kill(p->pid, SIGKILL);
    while (waitpid(p->pid, NULL, 0) == -1 && errno == EINTR)
        ;
    *p = (struct front_dial){.call = NULL};
}

/* place is a free one: who asks the front to dial takes none that a watched machine needs. */
static struct front_dial *place(struct front_dials *d, const struct front_call *c)
{
    const size_t others = FRONT_DIALS - FRONT_WATCHERS;
    for (size_t i = c->http ? 0 : others; i < (c->http ? others : FRONT_DIALS); i++)
        if (!d->v[i].call)
            return &d->v[i];
    return NULL;
}

int64_t front_dial_take(struct front_dials *d, const struct dial_config *config, size_t target,
                        const struct front_call *call)
{
    int64_t now = wire_now(), left = d->next[target] - now;
    if (left > 0)
        return left;
    if (!place(d, call))
        return -1;
    d->next[target] = now + config->every_ms;
    return 0;
}

bool front_dial(struct front_dials *d, const struct dial_config *config,
                const struct front_dialled *to,
                void (*answered)(struct front_call *c, const struct dial_answer *a, int bundle))
{
    struct front_dial *p = place(d, to->call);
    pid_t parent = getpid();
    int pair[2];
    if (!p || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    pid_t pid = fork();
    if (pid == 0)
        dial(config, to, pair[1], parent);
    close(pair[1]);
    if (pid == -1)
        close(pair[0]);
    else
        *p = (struct front_dial){to->call, pair[0], pid, answered};
    return pid != -1;
}

size_t front_dial_polls(const struct front_dials *d, struct pollfd to[FRONT_DIALS])
{
    size_t n = 0;
    for (size_t i = 0; i < FRONT_DIALS; i++)
        if (d->v[i].call)
            to[n++] = (struct pollfd){.fd = d->v[i].fd, .events = POLLIN};
    return n;
}

void front_dial_turn(struct front_dials *d)
{
    for (size_t i = 0; i < FRONT_DIALS; i++) {
        struct front_dial was = d->v[i];
        struct pollfd p = {.fd = was.fd, .events = POLLIN};
        struct dial_answer a;
        int fds[TALK_FDS];
        size_t n = 0, size;
        if (!was.call || poll(&p, 1, 0) != 1)
            continue;
        bool came = talk_receive(was.fd, &a, sizeof a, fds, &n);
        free_place(&d->v[i]);
        bool ok = came && a.ok && n == 1 && a.channel_size && a.channel_size <= sizeof a.channel &&
                  talk_memory_is(fds[0], WIRE_FRAME_MAX, &size);
        if (!ok)
            for (size_t k = 0; came && k < n; k++)
                close(fds[k]);
        a.ok = ok;
        was.answered(was.call, &a, ok ? fds[0] : -1);
    }
}

void front_dial_forget(struct front_dials *d, const struct front_call *c)
{
    for (size_t i = 0; i < FRONT_DIALS; i++)
        if (d->v[i].call == c && c)
            free_place(&d->v[i]);
}

void front_dial_end(struct front_dials *d)
{
    const struct dial_answer none = {.ok = 0};
    for (size_t i = 0; i < FRONT_DIALS; i++) {
        struct front_dial was = d->v[i];
        if (!was.call)
            continue;
        free_place(&d->v[i]);
        was.answered(was.call, &none, -1);
    }
}
