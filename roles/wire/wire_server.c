/* The server; see wire.h. Connections are polled, so that a slow peer holds up nobody. */
#include "wire/wire.h"

#include "base/rd.h"
#include "base/text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SECOND ((int64_t)1000000000) /* in nanoseconds */

/* One connection and the frame that is coming in. */
struct connection {
    int fd; /* 0: free */
    struct wire_peer peer;
    uint8_t head[4];
    uint8_t *body; /* malloc'd when the head is whole */
    size_t have, size;
    int64_t since; /* of the last bytes, in nanoseconds */
};

struct work {
    struct wire_server *server;
    const struct wire_handler *handler;
    struct connection connection[WIRE_PEERS];
    uint8_t *answer; /* WIRE_FRAME_MAX bytes */
};

static int64_t now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_BOOTTIME, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static bool fail(struct situs_err *err, const char *path, const char *expected, const char *got)
{
    err_fail(err, SITUS_MISSING, path, "", SITUS_NO_OFFSET, expected, got);
    return err_hint(err, "choose another socket path");
}

/* clear_way removes a socket that nobody listens on; false when something else is there. */
static bool clear_way(const struct sockaddr_un *at)
{
    struct stat st;
    if (lstat(at->sun_path, &st) != 0)
        return errno == ENOENT;
    if (!S_ISSOCK(st.st_mode)) {
        errno = EEXIST;
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool dead = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 &&
                errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    errno = EADDRINUSE;
    return dead && unlink(at->sun_path) == 0;
}

bool wire_listen(struct wire_server *s, const char *path, struct situs_err *err)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    _Static_assert(sizeof at.sun_path == sizeof s->listener[0].path, "sun_path is as in unix(7)");
    if (strlen(path) >= sizeof at.sun_path)
        return fail(err, path, "a socket path of at most 107 bytes", TEXT_BYTES(strlen(path)));
    if (s->n == WIRE_LISTENERS)
        return fail(err, path, "at most 64 sockets", "more");
    memcpy(at.sun_path, path, strlen(path) + 1);
    if (!clear_way(&at))
        return fail(err, path, "a free socket path", strerror(errno));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 16) != 0) {
        fail(err, path, "a socket to listen on", strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    s->listener[s->n].fd = fd;
    memcpy(s->listener[s->n++].path, at.sun_path, sizeof at.sun_path);
    return true;
}

void wire_close(struct wire_server *s)
{
    for (size_t i = 0; i < s->n; i++) {
        close(s->listener[i].fd);
        unlink(s->listener[i].path);
    }
    s->n = 0;
}

static void drop(struct work *w, struct connection *c)
{
    if (w->handler->gone)
        w->handler->gone(w->handler->context, &c->peer);
    close(c->fd);
    free(c->body);
    *c = (struct connection){0};
}

/* place is where the next connection goes: a free one, or that which has been silent longest; who
 * has asked has been answered. */
static struct connection *place(struct work *w)
{
    struct connection *longest = &w->connection[0];
    for (size_t i = 0; i < WIRE_PEERS; i++) {
        struct connection *c = &w->connection[i];
        if (!c->fd)
            return c;
        if (c->since < longest->since)
            longest = c;
    }
    return longest;
}

static void accept_one(struct work *w, size_t listener)
{
    const struct timeval patience = {.tv_sec = WIRE_SECONDS};
    struct connection *c = place(w);
    int fd = accept4(w->server->listener[listener].fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd <= 0)
        return;
    if (c->fd)
        drop(w, c);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    *c = (struct connection){.fd = fd, .peer.listener = listener, .since = now()};
}

/* answer gives the whole frame to the handler and sends what it wrote. */
static bool answer(struct work *w, struct connection *c)
{
    struct situs_err err = {0};
    struct wr out = wr_new(w->answer, WIRE_FRAME_MAX);
    if (!w->handler->request(w->handler->context, &c->peer, span_of(c->body, c->size), &out) ||
        !wr_ok(&out) || !wire_send(c->fd, wr_span(&out), "peer", &err))
        return false;
    free(c->body);
    c->body = NULL;
    c->have = c->size = 0;
    return true;
}

/* take reads what is there; false ends the connection. */
static bool take(struct work *w, struct connection *c)
{
    uint8_t *to = c->body ? c->body + c->have : c->head + c->have;
    size_t room = c->body ? c->size - c->have : sizeof c->head - c->have;
    ssize_t n = recv(c->fd, to, room, MSG_DONTWAIT);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (n == 0)
        return false;
    c->have += (size_t)n;
    c->since = now();
    if ((size_t)n < room)
        return true;
    if (c->body)
        return answer(w, c);
    struct situs_err err = {0};
    struct rd r = rd_new(SPAN_ARR(c->head), 0, "frame", &err);
    c->size = rd_u32be(&r, "frame");
    c->have = 0;
    c->body = c->size > 0 && c->size <= WIRE_FRAME_MAX ? malloc(c->size) : NULL;
    return c->body != NULL;
}

static bool silent(const struct connection *c)
{
    return now() - c->since > WIRE_SECONDS * SECOND;
}

/* The poll set: stop, the listeners, the connections. */
static bool step(struct work *w, int stop, bool *stopped, struct situs_err *err)
{
    struct pollfd set[1 + WIRE_LISTENERS + WIRE_PEERS] = {{.fd = stop, .events = POLLIN}};
    struct pollfd *listeners = set + 1, *peers = set + 1 + WIRE_LISTENERS;
    for (size_t i = 0; i < WIRE_PEERS; i++) {
        const struct connection *c = &w->connection[i];
        peers[i] = (struct pollfd){.fd = c->fd ? c->fd : -1, .events = POLLIN};
    }
    for (size_t i = 0; i < WIRE_LISTENERS; i++)
        listeners[i] = (struct pollfd){.fd = i < w->server->n ? w->server->listener[i].fd : -1,
                                       .events = POLLIN};
    if (poll(set, sizeof set / sizeof *set, 1000) < 0 && errno != EINTR)
        return fail(err, "poll", "to wait", strerror(errno));
    *stopped = set[0].revents != 0;
    if (w->handler->tick)
        w->handler->tick(w->handler->context);
    for (size_t i = 0; i < WIRE_PEERS; i++) {
        struct connection *c = &w->connection[i];
        if (c->fd && ((peers[i].revents && !take(w, c)) || silent(c)))
            drop(w, c);
    }
    for (size_t i = 0; i < w->server->n; i++)
        if (listeners[i].revents)
            accept_one(w, i);
    return true;
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
    for (size_t i = 0; w && i < WIRE_PEERS; i++)
        if (w->connection[i].fd)
            drop(w, &w->connection[i]);
    free(room);
    free(w);
    return ok;
}

int wire_stop(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? signalfd(-1, &set, SFD_CLOEXEC) : -1;
}
