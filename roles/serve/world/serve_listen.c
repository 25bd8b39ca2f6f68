/* Listening sockets; see serve_listen.h. */
#include "serve/world/serve_listen.h"

#include "base/text.h"
#include "frame/out.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define UNIX "unix:"
#define SYSTEMD "systemd:"
#define FIRST 3 /* SD_LISTEN_FDS_START of sd_listen_fds(3) */
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

/* after is what stands behind a prefix, NULL: it does not begin so. */
static const char *after(const char *address, const char *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(address, prefix, n) == 0 ? address + n : NULL;
}

bool serve_listen_known(const char *address)
{
    union address at;
    socklen_t size;
    const char *path = after(address, UNIX), *name = after(address, SYSTEMD);
    if (strlen(address) >= SERVE_ADDRESS)
        return false;
    return path ? path[0] == '/' : name ? name[0] && !strchr(name, ':') : take(address, &at, &size);
}

static bool listen_local(struct serve_listener *l, const char *path, struct situs_err *err)
{
    if (!wire_listen(&l->local, path, err))
        return false;
    l->fd = l->local.listener[0].fd;
    out_note("listening on unix:%s", path);
    return true;
}

/* handed is the descriptor that systemd gave under a name (sd_listen_fds_with_names(3)); -1: none. */
static int handed(const char *name)
{
    const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS"),
               *names = getenv("LISTEN_FDNAMES");
    uint64_t whose, count;
    if (!pid || !n || !names || !text_number(span_text(pid), 1, INT32_MAX, &whose) ||
        whose != (uint64_t)getpid() || !text_number(span_text(n), 1, 64, &count))
        return -1;
    struct span rest = span_text(names);
    for (int i = 0; i < (int)count; i++)
        if (span_equal(text_field(&rest, ':'), span_text(name)))
            return FIRST + i;
    return -1;
}

/* is_local says that nobody but this machine reaches a listening socket. */
static bool is_local(int fd)
{
    union address at;
    socklen_t size = sizeof at;
    int listens = 0;
    socklen_t n = sizeof listens;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) != 0 || !listens ||
        getsockname(fd, &at.any, &size) != 0)
        return false;
    return at.any.sa_family == AF_UNIX ||
           (at.any.sa_family == AF_INET && at.v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK)) ||
           (at.any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&at.v6.sin6_addr));
}

/* listen_handed takes a socket of a unit. It stays open when the service lets go of it: systemd hands it over once. */
static bool listen_handed(struct serve_listener *l, const char *name, struct situs_err *err)
{
    int given = handed(name);
    if (given == -1 || !is_local(given)) {
        err_fail(err, given == -1 ? SITUS_MISSING : SITUS_NOT_ALLOWED, "listen", name,
                 SITUS_NO_OFFSET, "a listening socket of systemd's, on loopback or of a path",
                 given == -1 ? "none of this name" : "another");
        return err_hint(err, "FileDescriptorName= of the socket unit is the name; without a unit, "
                             "say 127.0.0.1:PORT or unix:/PATH");
    }
    l->fd = fcntl(given, F_DUPFD_CLOEXEC, 0);
    out_note("listening on systemd:%s", name);
    return l->fd != -1 && fcntl(l->fd, F_SETFL, O_NONBLOCK) == 0;
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
    const char *path = after(address, UNIX), *name = after(address, SYSTEMD);
    return path   ? listen_local(l, path, err)
           : name ? listen_handed(l, name, err)
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
