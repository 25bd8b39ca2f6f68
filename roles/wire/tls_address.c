/* Addresses as people write them, and sockets to them; see tls.h. */
#include "wire/tls_openssl.h"

#include "base/text.h"
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ADDRESSES 8 /* of a name; others are not tried */

struct addresses {
    struct sockaddr_storage at[ADDRESSES];
    socklen_t size[ADDRESSES];
    size_t n;
};

static bool fail(struct situs_err *err, enum situs_code code, const char *address,
                 const char *expected, const char *got, const char *hint)
{
    err_fail(err, code, TLS_PART, address, SITUS_NO_OFFSET, expected, got);
    return err_hint(err, hint);
}

static bool bad_address(struct situs_err *err, const char *address, const char *expected,
                        const char *got)
{
    return fail(err, SITUS_MALFORMED, address, expected, got,
                "addresses are HOST:PORT or [ADDRESS]:PORT, as 127.0.0.1:7777");
}

/* lacks says what keeps it from being HOST:PORT, of whose host n bytes can be used. */
static const char *lacks(const char *address, const char *colon, size_t n)
{
    if (!colon || !colon[1])
        return "no port";
    if (n >= 256)
        return "a host of more than 255 bytes";
    return colon - address < 3 ? "no host" : "an IPv6 address without its brackets";
}

/* split takes the address apart; false and err when it is none, or its port is less than least. */
static bool split(const char *address, unsigned least, char host[256], const char **port,
                  struct situs_err *err)
{
    const char *colon = strrchr(address, ':');
    size_t n = colon ? (size_t)(colon - address) : 0;
    const char *from = address;
    if (n >= 2 && address[0] == '[' && address[n - 1] == ']') {
        from++;
        n -= 2;
    } else if (n && memchr(address, ':', n)) {
        n = 0; /* an IPv6 address needs its brackets */
    }
    uint64_t number;
    if (n == 0 || n >= 256 || !colon[1])
        return bad_address(err, address, "HOST:PORT", lacks(address, colon, n));
    if (!text_number(span_text(colon + 1), least, UINT16_MAX, &number))
        return bad_address(err, address, least ? "a port, 1 to 65535" : "a port, 0 to 65535",
                           colon + 1);
    memcpy(host, from, n);
    host[n] = 0;
    *port = colon + 1;
    return true;
}

bool tls_address_ok(const char *address, bool listens, struct situs_err *err)
{
    char host[256];
    const char *port;
    return split(address, listens ? 0 : 1, host, &port, err);
}

/* look_up is getaddrinfo(3), whose code it returns. */
static int look_up(const char *host, const char *port, int flags, struct addresses *all)
{
    const struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int code = getaddrinfo(host, port, &want, &found);
    all->n = 0;
    for (const struct addrinfo *a = code == 0 ? found : NULL; a && all->n < ADDRESSES;
         a = a->ai_next) {
        memcpy(&all->at[all->n], a->ai_addr, a->ai_addrlen);
        all->size[all->n++] = a->ai_addrlen;
    }
    if (code == 0)
        freeaddrinfo(found);
    return code;
}

/* What a child found, sent over a pipe in one write (less than PIPE_BUF). */
struct found {
    int code;
    struct addresses all;
};
_Static_assert(sizeof(struct found) <= 4096, "pipe(7): a write of PIPE_BUF bytes is whole");

/* ask_child looks a name up in a child: getaddrinfo(3) has no deadline, and the name servers of a
 * network may say nothing for a long time. */
static int ask_child(const char *host, const char *port, int flags, int64_t deadline,
                     struct addresses *all)
{
    struct found f = {.code = EAI_AGAIN};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return EAI_SYSTEM;
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        f.code = look_up(host, port, flags, &f.all);
        _exit(write(ends[1], &f, sizeof f) == sizeof f ? 0 : 1);
    }
    close(ends[1]);
    struct pollfd p = {.fd = ends[0], .events = POLLIN};
    int n = child > 0 ? 0 : -1;
    while (n == 0 && wire_now() < deadline) {
        n = poll(&p, 1, (int)(deadline - wire_now()) + 1);
        if (n < 0 && errno == EINTR)
            n = 0;
    }
    if (n == 1 && read(ends[0], &f, sizeof f) != sizeof f)
        f.code = EAI_FAIL;
    close(ends[0]);
    if (child > 0) {
        kill(child, SIGKILL);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    *all = f.all;
    return f.code;
}

/* Looks "HOST:PORT" up before the deadline; flags are getaddrinfo's. */
static bool find(const char *address, int flags, int64_t deadline, struct addresses *all,
                 struct situs_err *err)
{
    char host[256];
    const char *port = NULL;
    *all = (struct addresses){.n = 0};
    if (!split(address, flags & AI_PASSIVE ? 0 : 1, host, &port, err))
        return false;
    int code = look_up(host, port, flags | AI_NUMERICHOST, all);
    if (code == EAI_NONAME)
        code = ask_child(host, port, flags, deadline, all);
    if (code == 0 && all->n)
        return true;
    all->n = 0;
    return fail(err, SITUS_MISSING, address, "an address that exists",
                wire_now() >= deadline ? "nothing in time" : gai_strerror(code),
                "is the name right, and does this machine resolve names?");
}

/* connected says that the connection stands before the deadline; else errno says why. */
static bool connected(int fd, const struct addresses *all, size_t i, int64_t deadline)
{
    int why = 0;
    socklen_t size = sizeof why;
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    if (connect(fd, (const struct sockaddr *)&all->at[i], all->size[i]) == 0)
        return true;
    if (errno != EINPROGRESS)
        return false;
    int ready = -1;
    for (errno = EINTR; ready < 0 && errno == EINTR;) {
        int64_t left = deadline - wire_now();
        ready = left > 0 ? poll(&p, 1, (int)left) : 0;
    }
    if (ready != 1) {
        errno = ETIMEDOUT;
        return false;
    }
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size);
    errno = why;
    return why == 0;
}

int tls_address_connect(const char *address, int64_t deadline,
                        bool (*may)(void *context, const struct sockaddr_storage *at),
                        void *context, struct situs_err *err)
{
    struct addresses all;
    int why = 0;
    if (!find(address, 0, deadline, &all, err))
        return -1;
    for (size_t i = 0; may && i < all.n; i++)
        if (!may(context, &all.at[i])) {
            fail(err, SITUS_NOT_ALLOWED, address, "an address that may be reached", "another",
                 "the configuration says which may");
            return -1;
        }
    for (size_t i = 0; i < all.n; i++) {
        int fd = socket(all.at[i].ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0 && connected(fd, &all, i, deadline))
            return fd;
        why = errno;
        if (fd >= 0)
            close(fd);
    }
    fail(err, SITUS_MISSING, address, "a peer that answers", strerror(why),
         "does it listen there (situs attest --listen), and may this machine reach it?");
    return -1;
}

int tls_loopback(const char *address, int64_t deadline, struct situs_err *err)
{
    struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof at;
    int fd = tls_address_connect(address, deadline, NULL, NULL, err);
    if (fd < 0)
        return -1;
    bool known = getpeername(fd, (struct sockaddr *)&at, &size) == 0;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&at;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&at;
    if (known && ((at.ss_family == AF_INET && ntohl(v4->sin_addr.s_addr) >> 24 == 127) ||
                  (at.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr))))
        return fd;
    close(fd);
    err_fail(err, SITUS_NOT_ALLOWED, TLS_PART, address, SITUS_NO_OFFSET,
             "an address of this machine's own, as 127.0.0.1", "one beyond it");
    err_hint(err, "what is sent there would leave the machine that was attested");
    return -1;
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
    struct addresses all;
    if (!find(address, AI_PASSIVE, wire_now() + TLS_SECONDS * 1000, &all, err))
        return -1;
    int fd = socket(all.at[0].ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)&all.at[0], all.size[0]) == 0 &&
        listen(fd, SOMAXCONN) == 0) {
        name_of(fd, name);
        return fd;
    }
    fail(err, SITUS_MISSING, address, "an address to listen on", strerror(errno),
         "it must be this machine's own, and no other program may have the port");
    if (fd >= 0)
        close(fd);
    return -1;
}
