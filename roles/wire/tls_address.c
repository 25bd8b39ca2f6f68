/* Addresses as people write them, and sockets to them; see tls.h. */
#include "wire/tls_openssl.h"

#include "base/text.h"
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool fail(struct situs_err *err, enum situs_code code, const char *address,
                 const char *expected, const char *got)
{
    err_fail(err, code, TLS_PART, address, SITUS_NO_OFFSET, expected, got);
    return err_hint(err, "addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777");
}

/* find looks the address up; free with freeaddrinfo. NULL and err on failure. */
static struct addrinfo *find(const char *address, int flags, struct situs_err *err)
{
    char host[256];
    const char *colon = strrchr(address, ':');
    size_t n = colon ? (size_t)(colon - address) : 0;
    const char *from = address;
    if (n >= 2 && address[0] == '[' && address[n - 1] == ']') {
        from++;
        n -= 2;
    } else if (n && memchr(address, ':', n)) {
        n = 0; /* an IPv6 address needs its brackets */
    }
    const struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (n == 0 || n >= sizeof host || !colon[1]) {
        fail(err, SITUS_MALFORMED, address, "HOST:PORT", "something else");
        return NULL;
    }
    memcpy(host, from, n);
    host[n] = 0;
    int code = getaddrinfo(host, colon + 1, &want, &found);
    if (code == 0)
        return found;
    fail(err, SITUS_MISSING, address, "an address that exists", gai_strerror(code));
    return NULL;
}

/* connected says that the connection stands before the deadline; else errno says why. */
static bool connected(int fd, const struct addrinfo *to, int64_t deadline)
{
    int why = 0;
    socklen_t size = sizeof why;
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
        return true;
    if (errno != EINPROGRESS)
        return false;
    int64_t left = deadline - wire_now();
    if (left <= 0 || poll(&p, 1, (int)left) != 1) {
        errno = ETIMEDOUT;
        return false;
    }
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size);
    errno = why;
    return why == 0;
}

int tls_address_connect(const char *address, int64_t deadline, struct situs_err *err)
{
    struct addrinfo *all = find(address, 0, err);
    int fd = -1, why = 0;
    for (const struct addrinfo *a = all; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0 && connected(fd, a, deadline))
            break;
        why = errno;
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    if (all && fd < 0)
        fail(err, SITUS_MISSING, address, "a peer that answers", strerror(why));
    if (all)
        freeaddrinfo(all);
    return fd;
}

static void name_of(int fd, char name[64])
{
    struct sockaddr_storage at;
    socklen_t size = sizeof at;
    char host[48] = "?", port[8] = "?";
    if (getsockname(fd, (struct sockaddr *)&at, &size) == 0)
        getnameinfo((struct sockaddr *)&at, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(name, 64, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

int tls_listen(const char *address, char name[64], struct situs_err *err)
{
    const int on = 1;
    struct addrinfo *all = find(address, AI_PASSIVE, err);
    if (!all)
        return -1;
    int fd = socket(all->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, all->ai_addr, all->ai_addrlen) == 0 && listen(fd, 64) == 0) {
        name_of(fd, name);
    } else {
        fail(err, SITUS_MISSING, address, "an address to listen on", strerror(errno));
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(all);
    return fd;
}
