/* Frames and refusals; see wire.h. The server is in wire_server.c. */
#include "wire/wire.h"

#include "base/text.h"
#include "codec/cbor.h"
#include "frame/out.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int64_t wire_now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static int64_t from_now(void)
{
    return wire_now() + WIRE_SECONDS * 1000;
}

static bool fail(struct situs_err *err, const char *part, const char *expected, const char *got)
{
    err_fail(err, SITUS_MISSING, part, "", SITUS_NO_OFFSET, expected, got);
    return err_hint(err, "is the program at the other end running, and this its socket?");
}

static const char *why(void)
{
    return errno == EAGAIN || errno == ETIMEDOUT ? "nothing in time" : strerror(errno);
}

/* A socket whose server accepts nobody keeps connect(2) waiting, as long as a send may take. */
int wire_connect_until(const char *path, int64_t deadline, struct situs_err *err)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int64_t left = deadline - wire_now();
    const struct timeval patience = {.tv_sec = left / 1000, .tv_usec = 1000 * (left % 1000)};
    if (strlen(path) >= sizeof to.sun_path) {
        fail(err, path, "a socket path of at most 107 bytes", TEXT_BYTES(strlen(path)));
        return -1;
    }
    memcpy(to.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
        connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    fail(err, path, "a socket that answers", why());
    if (fd >= 0)
        close(fd);
    return -1;
}

int wire_connect(const char *path, struct situs_err *err)
{
    return wire_connect_until(path, from_now(), err);
}

/* ready waits until the socket may be read or written; false, and errno, after the deadline. */
static bool ready(int fd, short events, int64_t deadline)
{
    struct pollfd p = {.fd = fd, .events = events};
    for (;;) {
        int64_t left = deadline - wire_now();
        int n = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (n > 0)
            return true;
        if (n == 0)
            errno = ETIMEDOUT;
        if (errno != EINTR)
            return false;
    }
}

static bool send_all(int fd, struct span s, int64_t deadline)
{
    while (s.n) {
        if (!ready(fd, POLLOUT, deadline))
            return false;
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return false;
        s = span_cut(s, (size_t)n, s.n - (size_t)n);
    }
    return true;
}

static bool receive_all(int fd, uint8_t *p, size_t n, int64_t deadline)
{
    while (n) {
        if (!ready(fd, POLLIN, deadline))
            return false;
        ssize_t got = recv(fd, p, n, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got == 0)
            errno = ECONNRESET;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

bool wire_head(uint8_t head[4], struct span body, const char *part, struct situs_err *err)
{
    struct wr w = wr_new(head, 4);
    wr_u32be(&w, (uint32_t)body.n);
    return body.n <= WIRE_FRAME_MAX || err_fail(err, SITUS_TOO_LONG, part, "frame", SITUS_NO_OFFSET,
                                                TEXT_BYTES(WIRE_FRAME_MAX), TEXT_BYTES(body.n));
}

static bool send_until(int fd, struct span body, const char *part, int64_t deadline,
                       struct situs_err *err)
{
    uint8_t head[4];
    if (!wire_head(head, body, part, err))
        return false;
    if (send_all(fd, SPAN_ARR(head), deadline) && send_all(fd, body, deadline)) {
        out_step("-> %s, %zu bytes", part, body.n);
        return true;
    }
    return fail(err, part, "a peer that listens", why());
}

bool wire_send(int fd, struct span body, const char *part, struct situs_err *err)
{
    return send_until(fd, body, part, from_now(), err);
}

static struct span receive_until(int fd, const char *part, int64_t deadline, struct situs_err *err)
{
    uint8_t head[4];
    uint8_t *p = NULL;
    if (!receive_all(fd, head, sizeof head, deadline)) {
        fail(err, part, "an answer", why());
        return span_of(NULL, 0);
    }
    struct rd r = rd_new(SPAN_ARR(head), 0, part, err);
    size_t n = rd_u32be(&r, "frame");
    if (n == 0 || n > WIRE_FRAME_MAX) {
        err_fail(err, SITUS_TOO_LONG, part, "frame", 0, "1 byte to 2 MiB", TEXT_BYTES(n));
        return span_of(NULL, 0);
    }
    p = malloc(n);
    if (p && receive_all(fd, p, n, deadline)) {
        out_step("<- %s, %zu bytes", part, n);
        return span_of(p, n);
    }
    fail(err, part, "a whole answer", p ? why() : "no memory");
    free(p);
    return span_of(NULL, 0);
}

struct span wire_receive(int fd, const char *part, struct situs_err *err)
{
    return receive_until(fd, part, from_now(), err);
}

struct span wire_ask(const char *path, struct span body, const char *part, struct situs_err *err)
{
    struct span answer = {NULL, 0};
    int64_t deadline = from_now();
    int fd = wire_connect_until(path, deadline, err);
    if (fd < 0)
        return answer;
    if (send_until(fd, body, part, deadline, err))
        answer = receive_until(fd, part, deadline, err);
    close(fd);
    return answer;
}

void wire_refuse(struct wr *answer, const struct situs_err *err)
{
    bool pending = strcmp(err->field, WIRE_PENDING) == 0;
    struct cbor_out o = cbor_out_new(answer);
    cbor_put_map(&o, 2);
    cbor_put_int(&o, -1);
    cbor_put_text(&o, span_text(err_code_name(err->code)));
    cbor_put_int(&o, -2);
    cbor_put_text(&o, span_text(pending                   ? WIRE_PENDING
                                : err->code == SITUS_BUSY ? WIRE_BUSY
                                                          : WIRE_REFUSED));
    cbor_put_end(&o);
}

bool wire_refused(struct span body, const char *part, struct situs_err *err)
{
    struct situs_err ignored = {0};
    struct cbor c = cbor_new(body, 0, part, &ignored);
    if (cbor_map(&c, "refusal") != 2 || cbor_int(&c, "code") != -1)
        return false;
    struct span code = cbor_text(&c, "code");
    struct span text = cbor_int(&c, "text") == -2 ? cbor_text(&c, "text") : span_of(NULL, 0);
    if (!cbor_leave(&c, "refusal") || !cbor_end(&c, "refusal"))
        return false;
    enum situs_code found = SITUS_NOT_ALLOWED;
    for (int i = SITUS_NONE + 1; i < SITUS_CODE_COUNT; i++)
        if (span_equal(code, span_text(err_code_name((enum situs_code)i))))
            found = (enum situs_code)i;
    char words[160];
    err_fail(err, found, part, "refusal", SITUS_NO_OFFSET, "an answer",
             text_cut(words, sizeof words, text));
    err_hint(err, found == SITUS_BUSY ? "others are being served there; try again in a moment"
                                      : "the other side refused; its log says why");
    return true;
}
