/* The TLS server; see tls.h. Who is let in is in tls_lobby.c, a connection's life in tls_talk.c. */
#include "wire/tls_server.h"

#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/x509.h>

#define WAIT 50 /* milliseconds before the next look, when there is no place */
#define PLACES (TLS_CONNECTIONS + TLS_STREAMS)
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
    if (ok) {
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
        ok =
            SSL_CTX_set_max_early_data(ctx, 0) == 1 && SSL_CTX_set_recv_max_early_data(ctx, 0) == 1;
    }
    X509_free(cert);
    if (ok)
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

/* A connection that has its process. */
struct talk {
    pid_t process; /* 0: free */
    int pipe;
    uint64_t from;
    enum tls_word does;
    int64_t since; /* it does that */
};

struct server {
    SSL_CTX *ctx;
    int listener;
    const struct tls_handler *handler;
    struct talk talk[PLACES];
    struct tls_lobby lobby;
    bool waits; /* somebody speaks and has no place */
    struct pollfd set[2 + PLACES + TLS_LOBBY];
};

static void end(struct talk *k)
{
    kill(k->process, SIGKILL);
    while (waitpid(k->process, NULL, 0) < 0 && errno == EINTR)
        ;
    close(k->pipe);
    *k = (struct talk){0};
}

/* held is how many of an address pass bytes, or do not. */
static size_t held(const struct server *s, uint64_t from, bool passing)
{
    size_t n = 0;
    for (size_t i = 0; i < PLACES; i++)
        n += s->talk[i].process && s->talk[i].from == from &&
             (s->talk[i].does == TLS_PASSES) == passing;
    return n;
}

/* crowd ends a stream when there is one too many: the new one of an address that has its share, or
 * any of the address that has most. */
static void crowd(struct server *s, struct talk *k)
{
    struct talk *may[PLACES];
    size_t streams = 0, most = 0, n = 0;
    for (size_t i = 0; i < PLACES; i++) {
        struct talk *o = &s->talk[i];
        if (!o->process || o->does != TLS_PASSES)
            continue;
        size_t holds = held(s, o->from, true);
        streams++;
        if (holds < most)
            continue;
        n = holds > most ? 0 : n;
        most = holds;
        may[n++] = o;
    }
    if (held(s, k->from, true) > TLS_STREAMS_EACH)
        end(k);
    else if (streams > TLS_STREAMS)
        end(may[tls_any(n)]);
}

/* A process that has ended, or one word of it. */
static void listen_to(struct server *s, struct talk *k)
{
    uint8_t word;
    ssize_t n = read(k->pipe, &word, 1);
    if (n == 1) {
        k->does = (enum tls_word)word;
        k->since = wire_now();
        if (k->does == TLS_PASSES)
            crowd(s, k);
    } else if (n == 0 || errno != EINTR) {
        end(k);
    }
}

static bool may_end(const struct talk *k)
{
    int64_t age = wire_now() - k->since;
    return k->process && ((k->does == TLS_ASKS && age >= TLS_AGE) ||
                          (k->does == TLS_TAKES && age >= TLS_TAKE_AGE));
}

/* place is where a connection from this address goes: a free one, or that of any who may end and
 * whose address holds most, not less than this one; NULL: it waits. */
static struct talk *place(struct server *s, uint64_t from)
{
    struct talk *may[PLACES], *room = NULL;
    size_t ours = held(s, from, false), most = ours, n = 0, all = 0;
    for (size_t i = 0; i < PLACES; i++) {
        struct talk *k = &s->talk[i];
        room = k->process ? room : k;
        if (!k->process || k->does == TLS_PASSES)
            continue;
        size_t holds = held(s, k->from, false);
        all++;
        if (!may_end(k) || holds < most || (ours >= TLS_ADDRESS && k->from != from))
            continue;
        n = holds > most ? 0 : n;
        most = holds;
        may[n++] = k;
    }
    if (room && all < TLS_CONNECTIONS && ours < TLS_ADDRESS)
        return room;
    return n ? may[tls_any(n)] : NULL;
}

/* begin gives guest i a process at k. */
static void begin(struct server *s, size_t i, struct talk *k)
{
    struct tls_guest g = s->lobby.guest[i];
    pid_t parent = getpid(), child = -1;
    int ends[2];
    tls_lobby_leave(&s->lobby, i);
    if (k->process)
        end(k);
    int made = pipe2(ends, O_CLOEXEC);
    while (made != 0 && tls_lobby_shrink(&s->lobby))
        made = pipe2(ends, O_CLOEXEC);
    if (made == 0) {
        child = fork();
        if (child == 0) {
            for (size_t o = 0; o < s->lobby.n; o++) /* it would keep them open */
                close(s->lobby.guest[o].fd);
            close(s->listener);
            tls_talk(s->ctx, s->handler, g.fd, ends[1], parent);
        }
        close(ends[1]);
        if (child > 0)
            *k = (struct talk){child, ends[0], g.from, TLS_ASKS, wire_now()};
        else
            close(ends[0]);
    }
    close(g.fd);
}

/* seat gives places to those who speak: first to the address that has fewest, then to who came
 * first. */
static void seat(struct server *s)
{
    struct tls_lobby *l = &s->lobby;
    for (;;) {
        size_t best = TLS_LOBBY, least = TLS_CONNECTIONS + 1;
        for (size_t i = 0; i < l->n; i++) {
            const struct tls_guest *g = &l->guest[i];
            size_t holds = g->speaks ? held(s, g->from, false) : least + 1;
            if (holds < least || (holds == least && g->since < l->guest[best].since)) {
                best = i;
                least = holds;
            }
        }
        struct talk *k = best < TLS_LOBBY ? place(s, l->guest[best].from) : NULL;
        s->waits = best < TLS_LOBBY && !k;
        if (!k)
            return;
        begin(s, best, k);
    }
}

/* The poll set: stop, the listener, the processes, the guests that have not spoken. Free places are
 * left out: poll takes no more entries than there may be files. */
static size_t gather(struct server *s, int stop, bool open, struct talk *of[], size_t *guests)
{
    size_t n = 0;
    s->set[n++] = (struct pollfd){.fd = stop, .events = POLLIN};
    if (open)
        s->set[n++] = (struct pollfd){.fd = s->listener, .events = POLLIN};
    for (size_t i = 0; i < PLACES; i++)
        if (s->talk[i].process) {
            of[n] = &s->talk[i];
            s->set[n++] = (struct pollfd){.fd = s->talk[i].pipe, .events = POLLIN};
        }
    *guests = n;
    for (size_t i = 0; i < s->lobby.n; i++) /* who speaks is asked for no more */
        s->set[n++] = (struct pollfd){.fd = s->lobby.guest[i].speaks ? -1 : s->lobby.guest[i].fd,
                                      .events = POLLIN};
    return n;
}

static bool step(struct server *s, int stop, bool ending, bool *stopped, struct situs_err *err)
{
    struct talk *of[2 + PLACES];
    bool open = !ending && tls_lobby_open(&s->lobby);
    size_t guests, n = gather(s, ending ? -1 : stop, open, of, &guests);
    int patience = s->waits || ending || (!open && s->lobby.n) ? WAIT : s->lobby.n ? 1000 : -1;
    if (poll(s->set, n, patience) < 0)
        return errno == EINTR || err_fail(err, SITUS_INTERNAL, TLS_PART, "poll", SITUS_NO_OFFSET,
                                          "to wait", strerror(errno));
    *stopped = s->set[0].revents != 0;
    for (size_t i = open ? 2 : 1; i < guests; i++)
        if (s->set[i].revents && of[i]->process && of[i]->pipe == s->set[i].fd)
            listen_to(s, of[i]);
    for (size_t i = n; i-- > guests;) /* from the end: who goes is replaced by the last */
        if (s->set[i].revents)
            tls_lobby_look(&s->lobby, i - guests);
    if (open && s->set[1].revents)
        tls_lobby_accept(&s->lobby, s->listener);
    tls_lobby_late(&s->lobby);
    seat(s);
    return true;
}

/* finish lets those who have asked get and take their answers. */
static void finish(struct server *s, int stop, struct situs_err *err)
{
    int64_t until = wire_now() + TLS_STOP_SECONDS * 1000;
    bool more = true, ignored;
    wire_stop_taken(stop);
    while (s->lobby.n)
        tls_lobby_end(&s->lobby, 0);
    while (more && wire_now() < until && !wire_stop_taken(stop)) {
        more = false;
        for (size_t i = 0; i < PLACES; i++)
            more = more || (s->talk[i].process && s->talk[i].does != TLS_ASKS);
        more = more && step(s, stop, true, &ignored, err);
    }
}

bool tls_serve(int listener, void *key, const struct tls_handler *handler, int stop,
               struct situs_err *err)
{
    struct server *s = calloc(1, sizeof *s);
    bool stopped = false;
    if (s)
        *s = (struct server){
            .ctx = server_context((EVP_PKEY *)key), .listener = listener, .handler = handler};
    bool ok = s && s->ctx;
    if (!ok)
        err_fail(err, SITUS_INTERNAL, TLS_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    while (ok && !stopped)
        ok = step(s, stop, false, &stopped, err);
    if (ok)
        finish(s, stop, err);
    for (size_t i = 0; s && i < PLACES; i++)
        if (s->talk[i].process)
            end(&s->talk[i]);
    while (s && s->lobby.n)
        tls_lobby_end(&s->lobby, 0);
    if (s)
        SSL_CTX_free(s->ctx);
    free(s);
    return ok;
}
