/* Listening sockets; see serve_listen.h. */
#include "serve/serve_listen.h"

#include "base/text.h"
#include "frame/out.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define UNIX "unix:"
#define BACKLOG 1024

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool take(const char *address, union address *to, socklen_t *size)
{
    static const char v4[] = "127.0.0.1:", v6[] = "[::1]:";
    uint64_t port;
    if (strncmp(address, v4, strlen(v4)) == 0) {
        *to = (union address){.v4 = {.sin_family = AF_INET}};
        to->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        *size = sizeof to->v4;
        if (!text_number(span_text(address + strlen(v4)), 0, UINT16_MAX, &port))
            return false;
        to->v4.sin_port = htons((uint16_t)port);
        return true;
    }
    *to = (union address){.v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}};
    *size = sizeof to->v6;
    if (strncmp(address, v6, strlen(v6)) != 0 ||
        !text_number(span_text(address + strlen(v6)), 0, UINT16_MAX, &port))
        return false;
    to->v6.sin6_port = htons((uint16_t)port);
    return true;
}

bool serve_listen_known(const char *address)
{
    union address at;
    socklen_t size;
    if (strlen(address) >= SERVE_ADDRESS)
        return false;
    return strncmp(address, UNIX, strlen(UNIX)) == 0 ? address[strlen(UNIX)] == '/'
                                                     : take(address, &at, &size);
}

static bool listen_local(struct serve_listener *l, const char *path, struct situs_err *err)
{
    if (!wire_listen(&l->local, path, err))
        return false;
    l->fd = l->local.listener[0].fd;
    out_note("listening on unix:%s", path);
    return true;
}

static bool listen_loopback(struct serve_listener *l, const char *address, struct situs_err *err)
{
    const int yes = 1;
    union address at;
    socklen_t size;
    if (!take(address, &at, &size))
        return err_fail(err, SITUS_NOT_ALLOWED, "listen", address, SITUS_NO_OFFSET,
                        "a loopback address", "another");
    l->fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->fd == -1 || setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(l->fd, &at.any, size) != 0 || listen(l->fd, BACKLOG) != 0 ||
        getsockname(l->fd, &at.any, &size) != 0) {
        err_fail(err, SITUS_MISSING, "listen", address, SITUS_NO_OFFSET, "a free address",
                 strerror(errno));
        return err_hint(err, "another program listens there, or this machine has no such address");
    }
    out_note("listening on %.*s:%u", (int)(strrchr(address, ':') - address), address,
             ntohs(at.any.sa_family == AF_INET ? at.v4.sin_port : at.v6.sin6_port));
    return true;
}

bool serve_listen(struct serve_listener *l, const char *address, struct situs_err *err)
{
    *l = (struct serve_listener){.fd = -1};
    if (!address)
        return true;
    snprintf(l->address, sizeof l->address, "%s", address);
    return strncmp(address, UNIX, strlen(UNIX)) == 0 ? listen_local(l, address + strlen(UNIX), err)
                                                     : listen_loopback(l, address, err);
}

void serve_listen_close(struct serve_listener *l)
{
    if (l->local.n)
        wire_close(&l->local);
    else if (l->address[0] && l->fd != -1)
        close(l->fd);
    *l = (struct serve_listener){.fd = -1};
}
