/* Connections that have not spoken yet; see tls_server.h. They cost a file each, no process and no
 * handshake, so that there may be many. */
#include "wire/tls_server.h"

#include "wire/wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAUSE 50 /* milliseconds, when there are no files */

size_t tls_any(size_t n)
{
    uint32_t r = 0;
    if (getrandom(&r, sizeof r, 0) != sizeof r)
        r = (uint32_t)wire_now();
    return n ? r % n : 0;
}

/* address_of is the IPv4 address, or the network (/64) of an IPv6 one: who has one has them all. */
static uint64_t address_of(const struct sockaddr_storage *at)
{
    uint64_t from = 0;
    if (at->ss_family == AF_INET) {
        memcpy(&from, &((const struct sockaddr_in *)at)->sin_addr, 4);
    } else if (at->ss_family == AF_INET6) {
        const uint8_t *a = ((const struct sockaddr_in6 *)at)->sin6_addr.s6_addr;
        bool mapped = IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)a);
        memcpy(&from, mapped ? a + 12 : a, mapped ? 4 : 8);
    }
    return from;
}

void tls_lobby_leave(struct tls_lobby *l, size_t i)
{
    l->guest[i] = l->guest[--l->n];
}

void tls_lobby_end(struct tls_lobby *l, size_t i)
{
    close(l->guest[i].fd);
    tls_lobby_leave(l, i);
}

/* victim is any of those, old enough, whose address holds most; TLS_LOBBY: nobody. Who speaks is
 * served soon, and stays. */
static size_t victim(const struct tls_lobby *l)
{
    size_t may[TLS_LOBBY], n = 0, most = 0;
    int64_t now = wire_now();
    for (size_t i = 0; i < l->n; i++) {
        const struct tls_guest *g = &l->guest[i];
        size_t holds = 0;
        if (g->speaks || now - g->since < TLS_LOBBY_AGE)
            continue;
        for (size_t k = 0; k < l->n; k++)
            holds += l->guest[k].from == g->from;
        if (holds < most)
            continue;
        n = holds > most ? 0 : n;
        most = holds;
        may[n++] = i;
    }
    return n ? may[tls_any(n)] : TLS_LOBBY;
}

bool tls_lobby_shrink(struct tls_lobby *l)
{
    size_t v = victim(l);
    if (v < TLS_LOBBY)
        tls_lobby_end(l, v);
    return v < TLS_LOBBY;
}

bool tls_lobby_open(struct tls_lobby *l)
{
    return l->paused <= wire_now() && (l->n < TLS_LOBBY || victim(l) < TLS_LOBBY);
}

void tls_lobby_accept(struct tls_lobby *l, int listener)
{
    while (tls_lobby_open(l)) {
        struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
        socklen_t size = sizeof at;
        int fd = accept4(listener, (struct sockaddr *)&at, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR))
            return;
        if ((fd < 0 || l->n == TLS_LOBBY) && !tls_lobby_shrink(l))
            l->paused = wire_now() + PAUSE; /* no file: it stays in the backlog */
        if (fd >= 0)
            l->guest[l->n++] = (struct tls_guest){fd, address_of(&at), wire_now(), false};
    }
}

bool tls_lobby_look(struct tls_lobby *l, size_t i)
{
    uint8_t byte;
    ssize_t n = recv(l->guest[i].fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        tls_lobby_end(l, i);
        return false;
    }
    l->guest[i].speaks = n > 0;
    return true;
}

void tls_lobby_late(struct tls_lobby *l)
{
    int64_t now = wire_now();
    for (size_t i = l->n; i-- > 0;) {
        const struct tls_guest *g = &l->guest[i];
        if (now - g->since > 1000 * (g->speaks ? TLS_SECONDS : TLS_QUESTION))
            tls_lobby_end(l, i);
    }
}
