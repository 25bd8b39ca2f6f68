/* One connection of a TLS server, in a process of its own: it shares the key and nothing else, and
 * what goes wrong in it ends with it. See tls_server.h. */
#include "wire/tls_server.h"

#include "wire/wire.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

/* tell says over the pipe what begins now; a server that has gone ends it. */
static void tell(int pipe, enum tls_word word)
{
    const uint8_t byte = (uint8_t)word;
    if (write(pipe, &byte, 1) != 1)
        _exit(1);
}

/* pass lets bytes pass; both ends are closed after it. */
static _Noreturn void pass(struct tls *t, int stream, int pipe)
{
    tell(pipe, TLS_PASSES);
    alarm(0);
    if (tls_pump(t, stream)) {
        tls_close(t);
    } else {
        tls_reset(stream);
        tls_abort(t);
    }
    _exit(0);
}

static void answer(const struct tls_handler *h, struct tls *t, int pipe)
{
    struct situs_err ignored = {0};
    struct span question = tls_receive(t, h->limit, h->part, &ignored);
    int stream = -1;
    if (!question.p)
        return;
    uint8_t *room = malloc(WIRE_FRAME_MAX);
    struct wr w = wr_new(room, room ? WIRE_FRAME_MAX : 0);
    tell(pipe, TLS_WORKS);
    bool any = h->answer(h->context, question, &w, &stream);
    tell(pipe, TLS_TAKES);
    t->deadline = wire_now() + TLS_TAKE * 1000;
    bool sent = any && tls_send(t, wr_span(&w), h->part, &ignored);
    free((void *)(uintptr_t)question.p);
    free(room);
    if (sent && stream >= 0)
        pass(t, stream, pipe);
}

_Noreturn void tls_talk(SSL_CTX *ctx, const struct tls_handler *handler, int fd, int pipe,
                        pid_t parent)
{
    struct situs_err ignored = {0};
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    alarm(2 * TLS_SECONDS + TLS_TAKE); /* ends what no deadline reaches */
    struct tls *t = tls_new(ctx, fd, true, wire_now() + TLS_QUESTION * 1000, &ignored);
    if (t)
        answer(handler, t, pipe);
    tls_close(t);
    _exit(0);
}
