/* The TLS server; see tls.h. Each connection is a process: it shares the key and nothing else, and
 * what goes wrong in it ends with it. */
#include "wire/tls_openssl.h"

#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/x509.h>

#define CERT_SECONDS (10L * 365 * 24 * 3600) /* nobody reads it; the key lives as the process */

/* A certificate is how TLS carries a key; this one says nothing. */
static X509 *certificate(EVP_PKEY *key)
{
    static const unsigned char name[] = "situs attester";
    X509 *x = X509_new();
    X509_NAME *subject = x ? X509_get_subject_name(x) : NULL;
    if (subject && X509_set_version(x, X509_VERSION_3) == 1 &&
        ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1 &&
        X509_set_issuer_name(x, subject) == 1 && X509_gmtime_adj(X509_getm_notBefore(x), -3600) &&
        X509_gmtime_adj(X509_getm_notAfter(x), CERT_SECONDS) && X509_set_pubkey(x, key) == 1 &&
        X509_sign(x, key, EVP_sha256()) > 0)
        return x;
    X509_free(x);
    return NULL;
}

static SSL_CTX *server_context(EVP_PKEY *key)
{
    X509 *cert = certificate(key);
    SSL_CTX *ctx = cert ? SSL_CTX_new(TLS_server_method()) : NULL;
    bool ok = ctx && SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
              SSL_CTX_use_certificate(ctx, cert) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
              SSL_CTX_set_num_tickets(ctx, 0) == 1; /* no resumption: each handshake shows K */
    X509_free(cert);
    if (ok)
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

/* A connection's process. It says over a pipe when it begins to work on its question; it ends when
 * the answer is sent. */
struct talk {
    pid_t process; /* 0: free */
    int pipe;
    bool works;
    uint64_t number; /* of the connection */
};

struct server {
    SSL_CTX *ctx;
    int listener;
    const struct tls_handler *handler;
    struct talk talk[TLS_CONNECTIONS];
    uint64_t connections;
};

static void answer(const struct server *s, struct tls *t, int pipe)
{
    const struct tls_handler *h = s->handler;
    struct situs_err ignored = {0};
    struct span question = tls_receive(t, h->limit, h->part, &ignored);
    if (!question.p)
        return;
    uint8_t *room = malloc(WIRE_FRAME_MAX);
    struct wr w = wr_new(room, room ? WIRE_FRAME_MAX : 0);
    t->deadline += (TLS_SECONDS - TLS_QUESTION) * 1000;
    if (write(pipe, "", 1) != 1)
        _exit(1); /* the server has gone */
    if (h->answer(h->context, question, &w))
        tls_send(t, wr_span(&w), h->part, &ignored);
    free((void *)(uintptr_t)question.p);
    free(room);
}

/* live is the life of one connection's process; the alarm ends what no deadline reaches. */
static _Noreturn void live(const struct server *s, int fd, int pipe, pid_t parent)
{
    struct situs_err ignored = {0};
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    alarm(2 * TLS_SECONDS);
    struct tls *t = tls_new(s->ctx, fd, true, wire_now() + TLS_QUESTION * 1000, &ignored);
    if (t)
        answer(s, t, pipe);
    tls_close(t);
    _exit(0);
}

static void end(struct talk *k)
{
    kill(k->process, SIGKILL);
    while (waitpid(k->process, NULL, 0) < 0 && errno == EINTR)
        ;
    close(k->pipe);
    *k = (struct talk){0};
}

/* A process that has ended, or one word of it. */
static void listen_to(struct talk *k)
{
    uint8_t word;
    ssize_t n = read(k->pipe, &word, 1);
    if (n == 1)
        k->works = true;
    else if (n == 0 || errno != EINTR)
        end(k);
}

/* place is where the next connection goes: a free one, or the oldest that does not work. */
static struct talk *place(struct server *s)
{
    struct talk *oldest = NULL;
    for (size_t i = 0; i < TLS_CONNECTIONS; i++) {
        struct talk *k = &s->talk[i];
        if (!k->process)
            return k;
        if (!k->works && (!oldest || k->number < oldest->number))
            oldest = k;
    }
    return oldest;
}

static void accept_one(struct server *s, struct talk *k)
{
    pid_t parent = getpid();
    int ends[2], fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (k->process)
        end(k);
    if (pipe2(ends, O_CLOEXEC) == 0) {
        pid_t child = fork();
        if (child == 0)
            live(s, fd, ends[1], parent);
        close(ends[1]);
        if (child > 0)
            *k = (struct talk){child, ends[0], false, s->connections++};
        else
            close(ends[0]);
    }
    close(fd);
}

static bool step(struct server *s, int stop, bool *stopped, struct situs_err *err)
{
    struct pollfd set[2 + TLS_CONNECTIONS] = {{.fd = stop, .events = POLLIN}};
    set[1] = (struct pollfd){.fd = place(s) ? s->listener : -1, .events = POLLIN};
    for (size_t i = 0; i < TLS_CONNECTIONS; i++)
        set[2 + i] =
            (struct pollfd){.fd = s->talk[i].process ? s->talk[i].pipe : -1, .events = POLLIN};
    if (poll(set, 2 + TLS_CONNECTIONS, -1) < 0)
        return errno == EINTR || err_fail(err, SITUS_MISSING, TLS_PART, "poll", SITUS_NO_OFFSET,
                                          "to wait", strerror(errno));
    *stopped = set[0].revents != 0;
    for (size_t i = 0; i < TLS_CONNECTIONS; i++)
        if (set[2 + i].revents)
            listen_to(&s->talk[i]);
    struct talk *k = set[1].revents ? place(s) : NULL;
    if (k)
        accept_one(s, k);
    return true;
}

bool tls_serve(int listener, void *key, const struct tls_handler *handler, int stop,
               struct situs_err *err)
{
    struct server s = {server_context((EVP_PKEY *)key), listener, handler, {{0}}, 0};
    bool stopped = false;
    bool ok = s.ctx || err_fail(err, SITUS_INTERNAL, TLS_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    while (ok && !stopped)
        ok = step(&s, stop, &stopped, err);
    for (size_t i = 0; i < TLS_CONNECTIONS; i++)
        if (s.talk[i].process)
            end(&s.talk[i]);
    SSL_CTX_free(s.ctx);
    return ok;
}
