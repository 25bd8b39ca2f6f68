/* Bytes both ways between a TLS connection and a socket; see tls.h. */
#include "wire/tls_openssl.h"

#include "wire/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>

#define ROOM 16384 /* a record (RFC 8446, 5.1) */

/* One direction. A full buffer is not read into: who does not take holds up who gives. */
struct way {
    uint8_t bytes[ROOM];
    size_t from, to;
    bool ended; /* the source has nothing more */
    bool told;  /* and the sink knows */
};

struct pump {
    struct tls *tls;
    int fd;
    struct way out, in; /* from the socket to TLS, from TLS to the socket */
    bool broken, moved;
    short tls_events, fd_events; /* what is waited for */
};

/* blocked says that the TLS connection waits for its socket; else it broke, and the pump ends. */
static void blocked(struct pump *p, int result)
{
    int what = SSL_get_error(p->tls->ssl, result);
    if (what == SSL_ERROR_WANT_READ)
        p->tls_events |= POLLIN;
    else if (what == SSL_ERROR_WANT_WRITE)
        p->tls_events |= POLLOUT;
    else
        p->broken = true;
    ERR_clear_error();
}

static void moved(struct pump *p, size_t *at, size_t n)
{
    *at += n;
    p->moved = true;
}

static void read_socket(struct pump *p)
{
    struct way *w = &p->out;
    if (w->ended || w->from < w->to)
        return;
    ssize_t n = recv(p->fd, w->bytes, ROOM, MSG_DONTWAIT);
    w->from = w->to = 0;
    if (n > 0)
        moved(p, &w->to, (size_t)n);
    else if (n == 0)
        w->ended = p->moved = true;
    else if (errno == EAGAIN || errno == EINTR)
        p->fd_events |= POLLIN;
    else
        p->broken = true;
}

static void write_tls(struct pump *p)
{
    struct way *w = &p->out;
    size_t n = 0;
    if (w->from < w->to) {
        int result = SSL_write_ex(p->tls->ssl, w->bytes + w->from, w->to - w->from, &n);
        if (result == 1)
            moved(p, &w->from, n);
        else
            blocked(p, result);
    } else if (w->ended && !w->told) {
        int result = SSL_shutdown(p->tls->ssl); /* close_notify: the other way stays open */
        if (result >= 0)
            w->told = p->moved = true;
        else
            blocked(p, result);
    }
}

/* An end without close_notify is somebody cutting the line, not an end. */
static void read_tls(struct pump *p)
{
    struct way *w = &p->in;
    size_t n = 0;
    if (w->ended || w->from < w->to)
        return;
    int result = SSL_read_ex(p->tls->ssl, w->bytes, ROOM, &n);
    w->from = w->to = 0;
    if (result == 1)
        moved(p, &w->to, n);
    else if (SSL_get_error(p->tls->ssl, result) == SSL_ERROR_ZERO_RETURN)
        w->ended = p->moved = true;
    else
        blocked(p, result);
}

static void write_socket(struct pump *p)
{
    struct way *w = &p->in;
    if (w->from < w->to) {
        ssize_t n = send(p->fd, w->bytes + w->from, w->to - w->from, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0)
            moved(p, &w->from, (size_t)n);
        else if (n < 0 && (errno == EAGAIN || errno == EINTR))
            p->fd_events |= POLLOUT;
        else
            p->broken = true;
    } else if (w->ended && !w->told) {
        w->told = p->moved = shutdown(p->fd, SHUT_WR) == 0;
        p->broken = p->broken || !w->told;
    }
}

/* wait is false when nothing moves for TLS_IDLE. A socket that nothing is asked of is left out: it
 * would say again and again that it has hung up. */
static bool wait(const struct pump *p)
{
    struct pollfd set[2] = {{p->tls_events ? p->tls->fd : -1, p->tls_events, 0},
                            {p->fd_events ? p->fd : -1, p->fd_events, 0}};
    int n;
    do
        n = poll(set, 2, TLS_IDLE * 1000);
    while (n < 0 && errno == EINTR);
    return n > 0;
}

bool tls_pump(struct tls *t, int fd)
{
    struct pump p = {.tls = t, .fd = fd};
    bool idle = false;
    ERR_clear_error();
    while (!p.broken && !idle && !(p.out.told && p.in.told)) {
        p.moved = false;
        p.tls_events = p.fd_events = 0;
        read_socket(&p);
        write_tls(&p);
        read_tls(&p);
        write_socket(&p);
        idle = !p.broken && !p.moved && !wait(&p);
    }
    return p.out.told && p.in.told;
}

void tls_reset(int fd)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}

void tls_abort(struct tls *t)
{
    if (!t)
        return;
    SSL_free(t->ssl); /* no close_notify: the peer shall not take this for an end */
    tls_reset(t->fd);
    free(t);
}
