/*
 * The server; see wire.h. Every socket is non-blocking and every connection has its own output, so
 * that a peer that neither sends nor takes holds up nobody.
 */
#include "wire/wire.h"

#include "base/rd.h"
#include "base/text.h"
#include "frame/out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAUSE 50 /* milliseconds before the next look when nobody can be let in */

/* One connection: its question comes in, waits for its turn, and its answer goes out; never two of
 * these at once. */
struct connection {
    bool used; /* false: a free place; 0 is a file as any other */
    int fd;
    struct wire_peer peer;
    struct ucred who;
    uint8_t head[4];
    uint8_t *body; /* malloc'd when the head is whole */
    size_t have, size;
    bool waits;   /* the question is whole */
    uint8_t *out; /* the answer, malloc'd; NULL: none */
    size_t sent, n_out;
    uint64_t turn, answered; /* the server's count when it joined or was answered; last answer */
    int64_t since, deadline; /* of what it does now */
};

struct work {
    struct wire_server *server;
    const struct wire_handler *handler;
    struct connection connection[WIRE_PEERS];
    uint8_t *answer; /* WIRE_FRAME_MAX bytes */
    uint64_t answers;
    int64_t paused; /* nobody is let in before */
    bool ending;
};

static void drop(struct work *w, struct connection *c)
{
    if (w->handler->gone)
        w->handler->gone(w->handler->context, &c->peer);
    close(c->fd);
    free(c->body);
    free(c->out);
    *c = (struct connection){0};
}

static void begin(const struct work *w, struct connection *c)
{
    c->since = wire_now();
    c->deadline = c->since + (w->server->patience ? w->server->patience : WIRE_SECONDS * 1000);
}

/* How much of the server a connection's user holds, and his process of that. */
static size_t held(const struct work *w, const struct connection *c)
{
    size_t user = 0, process = 0;
    for (size_t i = 0; i < WIRE_PEERS; i++) {
        const struct connection *o = &w->connection[i];
        if (!o->used || o->peer.listener != c->peer.listener || o->who.uid != c->who.uid)
            continue;
        user++;
        process += o->who.pid == c->who.pid;
    }
    return user * (WIRE_PEERS + 1) + process;
}

static bool old_enough(const struct connection *c)
{
    return wire_now() - c->since >= (c->peer.state ? WIRE_STATE_AGE : WIRE_AGE);
}

static struct connection *free_place(struct work *w)
{
    for (size_t i = 0; i < WIRE_PEERS; i++)
        if (!w->connection[i].used)
            return &w->connection[i];
    return NULL;
}

/* victim is who makes room: any of those who hold most; NULL when nobody may be asked to yet. */
static struct connection *victim(struct work *w)
{
    struct connection *may[WIRE_PEERS];
    size_t n = 0, most = 0;
    uint32_t pick = 0;
    for (size_t i = 0; i < WIRE_PEERS; i++) {
        struct connection *c = &w->connection[i];
        size_t holds = c->used ? held(w, c) : 0;
        if (!c->used || c->waits || !old_enough(c) || holds < most)
            continue;
        n = holds > most ? 0 : n;
        most = holds;
        may[n++] = c;
    }
    if (n == 0 || getrandom(&pick, sizeof pick, 0) != sizeof pick)
        return NULL;
    return may[pick % n];
}

/* accept_one lets the next one in; false when there is none, or no place. */
static bool accept_one(struct work *w, size_t listener)
{
    struct connection *c = free_place(w), *v = c ? NULL : victim(w);
    if (!c && !v)
        return false;
    int fd = accept4(w->server->listener[listener].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        if (errno == EAGAIN || errno == ECONNABORTED)
            return false;
        v = victim(w); /* no file, no memory: it stays in the backlog until somebody made room */
        w->paused = v ? 0 : wire_now() + PAUSE;
    }
    if (v)
        drop(w, v);
    if (fd < 0)
        return false;
    c = c ? c : v;
    *c = (struct connection){.used = true, .fd = fd, .peer.listener = listener, .turn = w->answers};
    socklen_t size = sizeof c->who;
    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c->who, &size);
    begin(w, c);
    return true;
}

static void accept_all(struct work *w, size_t listener)
{
    while (accept_one(w, listener) && free_place(w))
        ;
}

/* give sends what the socket takes; false ends the connection. */
static bool give(const struct work *w, struct connection *c)
{
    while (c->sent < c->n_out) {
        ssize_t n = send(c->fd, c->out + c->sent, c->n_out - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        c->sent += (size_t)n;
    }
    out_step("-> peer, %zu bytes", c->n_out - 4);
    free(c->out);
    c->out = NULL;
    begin(w, c);
    return true;
}

/* keep makes the connection's output of what the handler wrote. */
static bool keep(struct connection *c, struct span body)
{
    uint8_t head[4];
    struct situs_err err = {0};
    c->out = wire_head(head, body, "peer", &err) ? malloc(sizeof head + body.n) : NULL;
    if (!c->out)
        return false;
    memcpy(c->out, head, sizeof head);
    memcpy(c->out + sizeof head, body.p, body.n);
    c->n_out = sizeof head + body.n;
    c->sent = 0;
    return true;
}

/* tell_why tells the log here what a refusal does not say. */
static void tell_why(struct wire_peer *peer)
{
    if (peer->why.code != SITUS_NONE)
        out_failure(&peer->why);
    peer->why = (struct situs_err){0};
}

/* answer gives a whole question to the handler; false ends the connection. */
static bool answer(struct work *w, struct connection *c)
{
    struct wr out = wr_new(w->answer, WIRE_FRAME_MAX);
    int64_t from = wire_now();
    bool ok = w->handler->request(w->handler->context, &c->peer, span_of(c->body, c->size), &out) &&
              wr_ok(&out) && keep(c, wr_span(&out));
    int64_t took = wire_now() - from;
    tell_why(&c->peer);
    for (size_t i = 0; i < WIRE_PEERS; i++) /* nobody could do anything meanwhile */
        w->connection[i].deadline += took;
    free(c->body);
    c->body = NULL;
    c->have = c->size = 0;
    c->waits = false;
    c->turn = c->answered = ++w->answers;
    begin(w, c);
    return ok && give(w, c);
}

/* next is whose turn it is: of the peer that was answered longest ago, the connection that has
 * waited longest; NULL when nobody waits. */
static struct connection *next(struct work *w)
{
    struct connection *first = NULL;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < WIRE_PEERS; i++) {
        struct connection *c = &w->connection[i];
        uint64_t last = 0;
        if (!c->used || !c->waits)
            continue;
        for (size_t k = 0; k < WIRE_PEERS; k++) {
            const struct connection *o = &w->connection[k];
            if (o->used && o->peer.listener == c->peer.listener && o->who.uid == c->who.uid &&
                o->answered > last)
                last = o->answered;
        }
        if (!first || last < least || (last == least && c->turn < first->turn)) {
            first = c;
            least = last;
        }
    }
    return first;
}

/* head_read makes room for the frame that the head announces. */
static bool head_read(struct connection *c)
{
    struct situs_err err = {0};
    struct rd r = rd_new(SPAN_ARR(c->head), 0, "frame", &err);
    c->size = rd_u32be(&r, "frame");
    c->have = 0;
    c->body = c->size > 0 && c->size <= WIRE_FRAME_MAX ? malloc(c->size) : NULL;
    return c->body != NULL;
}

/* take reads what is there, to the end of the frame; false ends the connection. */
static bool take(struct connection *c)
{
    while (!c->waits) {
        uint8_t *to = c->body ? c->body + c->have : c->head + c->have;
        size_t room = c->body ? c->size - c->have : sizeof c->head - c->have;
        ssize_t n = recv(c->fd, to, room, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        if (n == 0)
            return false;
        c->have += (size_t)n;
        if ((size_t)n < room)
            continue;
        if (c->body)
            c->waits = true;
        else if (!head_read(c))
            return false;
    }
    return true;
}

/* begun says that the connection has an exchange that a stop lets it finish. */
static bool begun(const struct connection *c)
{
    return c->used && (c->waits || c->out || c->have || c->body || c->peer.state);
}

/* The poll set: no more entries than open files, whatever their limit. */
struct polled {
    struct pollfd set[1 + WIRE_LISTENERS + WIRE_PEERS];
    struct connection *of[1 + WIRE_LISTENERS + WIRE_PEERS]; /* NULL: stop or a listener */
    size_t listener[1 + WIRE_LISTENERS + WIRE_PEERS], n;
    int patience; /* milliseconds */
};

static void add(struct polled *p, int fd, short events, struct connection *c, size_t listener)
{
    p->set[p->n] = (struct pollfd){.fd = fd, .events = events};
    p->of[p->n] = c;
    p->listener[p->n++] = listener;
}

static void gather(struct work *w, int stop, struct polled *p)
{
    p->n = 0;
    p->patience = next(w) ? 0 : 1000;
    add(p, w->ending ? -1 : stop, POLLIN, NULL, WIRE_LISTENERS);
    for (size_t i = 0; i < WIRE_PEERS; i++) {
        struct connection *c = &w->connection[i];
        if (c->used)
            add(p, c->fd, c->out ? POLLOUT : c->waits ? 0 : POLLIN, c, 0);
    }
    if (w->ending)
        return;
    bool open = w->paused <= wire_now() && (free_place(w) || victim(w));
    for (size_t i = 0; open && i < w->server->n; i++)
        add(p, w->server->listener[i].fd, POLLIN, NULL, i);
    if (!open && p->patience > PAUSE)
        p->patience = PAUSE;
}

/* step waits for what can be done next, does it, and answers one question. */
static bool step(struct work *w, int stop, bool *stopped, struct situs_err *err)
{
    struct polled p;
    gather(w, stop, &p);
    if (poll(p.set, p.n, p.patience) < 0) {
        if (errno == EINTR)
            return true;
        err_fail(err, SITUS_INTERNAL, "server", "poll", SITUS_NO_OFFSET, "to wait",
                 strerror(errno));
        return err_hint(err, "the system refuses to wait for sockets; start the program again");
    }
    *stopped = p.set[0].revents != 0;
    if (w->handler->tick)
        w->handler->tick(w->handler->context);
    for (size_t i = 1; i < p.n; i++) {
        struct connection *c = p.of[i];
        if (!p.set[i].revents)
            continue;
        if (!c)
            accept_all(w, p.listener[i]);
        else if (c->used && c->fd == p.set[i].fd &&
                 (c->out     ? !give(w, c)
                  : c->waits ? true /* it hung up */
                             : !take(c)))
            drop(w, c);
    }
    struct connection *c = next(w);
    if (c && !answer(w, c))
        drop(w, c);
    for (size_t i = 0; i < WIRE_PEERS; i++)
        if (w->connection[i].used && !w->connection[i].waits &&
            wire_now() > w->connection[i].deadline)
            drop(w, &w->connection[i]);
    return true;
}

/* finish lets those who have begun come to their end. */
static void finish(struct work *w, int stop, struct situs_err *err)
{
    int64_t until = wire_now() + WIRE_STOP_SECONDS * 1000;
    bool ignored, more = true;
    wire_stop_taken(stop);
    w->ending = true;
    for (size_t i = 0; i < w->server->n; i++)
        accept_all(w, i);
    for (size_t i = 0; i < WIRE_PEERS; i++) { /* what came before the stop */
        struct connection *c = &w->connection[i];
        if (c->used && !c->out && !take(c))
            drop(w, c);
    }
    while (more) {
        more = false;
        for (size_t i = 0; i < WIRE_PEERS; i++) {
            struct connection *c = &w->connection[i];
            if (c->used && !begun(c))
                drop(w, c);
            more = more || c->used;
        }
        more = more && wire_now() < until && !wire_stop_taken(stop) && step(w, stop, &ignored, err);
    }
}

bool wire_serve(struct wire_server *s, const struct wire_handler *handler, int stop,
                struct situs_err *err)
{
    struct work *w = calloc(1, sizeof *w);
    uint8_t *room = malloc(WIRE_FRAME_MAX);
    bool stopped = false, ok = w && room;
    if (!ok)
        err_fail(err, SITUS_NO_MEMORY, "server", "", SITUS_NO_OFFSET, NULL, NULL);
    if (w)
        *w = (struct work){.server = s, .handler = handler, .answer = room};
    while (ok && !stopped)
        ok = step(w, stop, &stopped, err);
    if (ok)
        finish(w, stop, err);
    for (size_t i = 0; w && i < WIRE_PEERS; i++)
        if (w->connection[i].used)
            drop(w, &w->connection[i]);
    free(room);
    free(w);
    return ok;
}
