/* HTTP without a library; see imds_http.h. */
#include "attester/imds_http.h"

#include "attester/imds.h"
#include "base/text.h"
#include "wire/wire.h"

#include <errno.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE 10000 /* ms */

static bool fail(struct situs_err *err, enum situs_code code, const char *field,
                 const char *expected, const char *got)
{
    return err_fail(err, code, IMDS_PART, field, SITUS_NO_OFFSET, expected, got);
}

/* ready waits for one of the events; false when time is up. */
static bool ready(int fd, short events, int64_t until)
{
    struct pollfd p = {.fd = fd, .events = events};
    for (;;) {
        int64_t left = until - wire_now();
        int n = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (n >= 0 || errno != EINTR)
            return n > 0;
    }
}

static bool connected(int fd, const struct sockaddr_in *to, int64_t until, struct situs_err *err)
{
    int broken = 0;
    socklen_t n = sizeof broken;
    if (connect(fd, (const struct sockaddr *)to, sizeof *to) == 0)
        return true;
    if (errno == EINPROGRESS && ready(fd, POLLOUT, until) &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &broken, &n) == 0 && broken == 0)
        return true;
    return fail(err, SITUS_MISSING, "connect", "an answer",
                broken ? strerror(broken) : "none in time");
}

static bool send_all(int fd, struct span s, int64_t until, struct situs_err *err)
{
    while (s.n) {
        ssize_t n = ready(fd, POLLOUT, until) ? send(fd, s.p, s.n, MSG_NOSIGNAL) : -1;
        if (n < 0)
            return fail(err, SITUS_MISSING, "request", "a service that listens", "none");
        s = span_cut(s, (size_t)n, s.n - (size_t)n);
    }
    return true;
}

/* read_all reads to the end of the connection. */
static bool read_all(int fd, uint8_t *p, size_t room, size_t *size, int64_t until,
                     struct situs_err *err)
{
    for (*size = 0;;) {
        if (!ready(fd, POLLIN, until))
            return fail(err, SITUS_MISSING, "answer", "a whole answer", "none in time");
        ssize_t n = recv(fd, p + *size, room - *size, 0);
        if (n == 0)
            return true;
        if (n < 0)
            return fail(err, SITUS_MISSING, "answer", "a whole answer", strerror(errno));
        *size += (size_t)n;
        if (*size == room)
            return fail(err, SITUS_TOO_LONG, "answer", TEXT_BYTES(room), "more");
    }
}

/* line takes the next line, without its CR LF; false when there is none. */
static bool line(struct span *rest, struct span *out)
{
    const uint8_t *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    size_t n = end ? (size_t)(end - rest->p) : 0;
    if (!end || n == 0 || rest->p[n - 1] != '\r')
        return false;
    *out = span_cut(*rest, 0, n - 1);
    *rest = span_cut(*rest, n + 1, rest->n - n - 1);
    return true;
}

/* What the head says of the body. */
struct form {
    bool sized, chunked;
    uint64_t size;
};

static bool field(struct form *f, struct span l)
{
    const uint8_t *colon = memchr(l.p, ':', l.n);
    size_t n = colon ? (size_t)(colon - l.p) : 0;
    struct span value = colon ? text_trim(span_cut(l, n + 1, l.n - n - 1)) : l;
    if (n == 14 && strncasecmp((const char *)l.p, "Content-Length", n) == 0) {
        bool once = !f->sized;
        f->sized = true;
        return once && text_number(value, 0, SIZE_MAX / 2, &f->size);
    }
    if (n == 17 && strncasecmp((const char *)l.p, "Transfer-Encoding", n) == 0) {
        f->chunked = true;
        return value.n == 7 && strncasecmp((const char *)value.p, "chunked", 7) == 0;
    }
    return n > 0;
}

static bool read_head(struct span *rest, struct form *f, struct situs_err *err)
{
    struct span l;
    if (!line(rest, &l) || l.n < 12 || memcmp(l.p, "HTTP/1.", 7) != 0)
        return fail(err, SITUS_MALFORMED, "answer", "HTTP/1.1", "something else");
    if (memcmp(l.p + 8, " 200", 4) != 0 || (l.n > 12 && l.p[12] != ' '))
        return fail(err, SITUS_MISSING, "status", "200", TEXT_CUT(span_cut(l, 9, l.n - 9)));
    while (line(rest, &l) && l.n)
        if (!field(f, l))
            return fail(err, SITUS_MALFORMED, "head", "a header field", TEXT_CUT(l));
    return l.n == 0 || fail(err, SITUS_TOO_SHORT, "head", "its end", "none");
}

static bool hex(struct span s, size_t most, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < s.n && s.p[i] != ';'; i++) {
        uint8_t c = s.p[i] | 0x20;
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) || *n > most)
            return false;
        *n = *n * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return s.n > 0 && s.p[0] != ';' && *n <= most;
}

/* join moves the chunks together, at the place of the first (RFC 9112, 7.1). */
static bool join(uint8_t *to, struct span rest, struct span *body)
{
    struct span l;
    size_t n = 0, size = 1;
    while (size) {
        if (!line(&rest, &l) || !hex(l, rest.n, &size))
            return false;
        if (size == 0)
            break;
        memmove(to + n, rest.p, size);
        n += size;
        rest = span_cut(rest, size, rest.n - size);
        if (!line(&rest, &l) || l.n)
            return false;
    }
    *body = span_of(to, n);
    return true;
}

bool imds_http_body(uint8_t *memory, size_t n, struct span *body, struct situs_err *err)
{
    struct form f = {.sized = false};
    struct span rest = span_of(memory, n);
    if (!read_head(&rest, &f, err))
        return false;
    *body = rest;
    if (f.chunked)
        return (!f.sized && join(memory + (rest.p - memory), rest, body)) ||
               fail(err, SITUS_MALFORMED, "answer", "chunks", "others");
    return !f.sized || f.size == rest.n ||
           fail(err, SITUS_TOO_SHORT, "answer", TEXT_BYTES((size_t)f.size), TEXT_BYTES(rest.n));
}

bool imds_http(const struct sockaddr_in *to, struct span request, uint8_t *memory, size_t room,
               struct span *body, struct situs_err *err)
{
    size_t n = 0;
    int64_t until = wire_now() + PATIENCE;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = fd >= 0 || fail(err, SITUS_MISSING, "socket", "a socket", strerror(errno));
    ok = ok && connected(fd, to, until, err) && send_all(fd, request, until, err) &&
         read_all(fd, memory, room, &n, until, err) && imds_http_body(memory, n, body, err);
    if (fd >= 0)
        close(fd);
    return ok;
}
