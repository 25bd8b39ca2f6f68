/* The relying party's side of the workload's channel; see forward.h. A process a stream, so that
 * one that stands still holds up no other. */
#include "connect/forward.h"

#include "base/text.h"
#include "frame/out.h"
#include "wire/attest_answer.h"
#include "wire/tls.h"
#include "wire/wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PART "forward"

struct streams {
    pid_t process[FORWARD_STREAMS];
    size_t n;
};

int forward_listen(const char *port, char name[64], struct situs_err *err)
{
    char address[64];
    uint64_t number;
    if (!text_number(span_text(port), 0, 65535, &number)) {
        err_fail(err, SITUS_MISSING, PART, "port", SITUS_NO_OFFSET, "a port, 0 to 65535", port);
        return -1;
    }
    snprintf(address, sizeof address, "127.0.0.1:%s", port);
    return tls_listen(address, name, err);
}

/* open_stream is a connection to the holder of the key, on which bytes pass. */
static struct tls *open_stream(const char *address, struct span key, struct situs_err *err)
{
    uint8_t room[ATTEST_QUESTION_MAX];
    struct wr w = wr_new(room, sizeof room);
    struct tls *t = tls_connect(address, wire_now() + TLS_SECONDS * 1000, err);
    if (!t)
        return NULL;
    struct span body = {NULL, 0};
    bool same = span_equal(tls_peer(t), key);
    if (!same) {
        err_fail(err, SITUS_MISMATCH, PART, "key", SITUS_NO_OFFSET, "the key that was attested",
                 "another");
        err_hint(err, "nothing was sent; if the attester was started again, connect anew");
    }
    attest_stream_write(&w);
    if (same && tls_send(t, wr_span(&w), PART, err))
        body = tls_receive(t, ATTEST_REFUSAL_MAX, PART, err);
    bool ok = body.p && attest_stream_read(body, PART, err);
    free((void *)(uintptr_t)body.p);
    if (ok)
        return t;
    tls_close(t);
    return NULL;
}

static _Noreturn void stream(int fd, const char *address, struct span key)
{
    struct situs_err err = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct tls *t = open_stream(address, key, &err);
    if (!t)
        out_failure(&err);
    if (t && tls_pump(t, fd)) {
        tls_close(t);
        close(fd);
        _exit(0);
    }
    tls_reset(fd);
    tls_abort(t);
    _exit(1);
}

/* reap forgets the processes that have ended. */
static void reap(struct streams *s)
{
    for (size_t i = s->n; i-- > 0;)
        if (waitpid(s->process[i], NULL, WNOHANG) != 0)
            s->process[i] = s->process[--s->n];
}

static void begin(struct streams *s, int listener, const char *address, struct span key)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    pid_t child = fork();
    if (child == 0) {
        close(listener);
        stream(fd, address, key);
    }
    if (child > 0) {
        s->process[s->n++] = child;
        close(fd);
    } else {
        tls_reset(fd);
    }
}

/* finish gives the streams their time to end. */
static void finish(struct streams *s, int stop)
{
    int64_t until = wire_now() + TLS_STOP_SECONDS * 1000;
    wire_stop_taken(stop);
    while (s->n && wire_now() < until && !wire_stop_taken(stop)) {
        poll(NULL, 0, 20);
        reap(s);
    }
    for (size_t i = 0; i < s->n; i++) {
        kill(s->process[i], SIGKILL);
        waitpid(s->process[i], NULL, 0);
    }
}

bool forward_run(int listener, const char *address, struct span key, int stop,
                 struct situs_err *err)
{
    struct streams s = {.n = 0};
    struct pollfd set[2] = {{.fd = stop, .events = POLLIN}, {.events = POLLIN}};
    do {
        reap(&s);
        set[1].fd = s.n < FORWARD_STREAMS ? listener : -1;
        if (poll(set, 2, s.n ? 100 : -1) < 0 && errno != EINTR)
            return err_fail(err, SITUS_INTERNAL, PART, "poll", SITUS_NO_OFFSET, "to wait",
                            strerror(errno));
        if (set[1].fd >= 0 && set[1].revents)
            begin(&s, listener, address, key);
    } while (!set[0].revents);
    finish(&s, stop);
    return true;
}
