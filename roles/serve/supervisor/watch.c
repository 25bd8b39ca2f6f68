/* The watchdog's question; see watch.h. */
#include "serve/supervisor/watch.h"

#include "base/text.h"
#include "frame/out.h"
#include "serve/world/notify.h"
#include "serve/world/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct watch watch_new(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    struct watch w = {.fd = -1};
    uint64_t n, whose = 0;
    bool ours =
        !pid || (text_number(span_text(pid), 1, INT32_MAX, &whose) && whose == (uint64_t)getpid());
    if (usec && ours && text_number(span_text(usec), 1, INT64_MAX, &n))
        w.period = (int64_t)(n / 3000) + 1;
    return w;
}

static void close_one(struct watch *w)
{
    if (w->fd != -1)
        close(w->fd);
    w->fd = -1;
    w->n = 0;
}

/* ask connects to the listener's own address, loopback or a Unix socket: either takes it at once, or is full. */
static bool ask(struct watch *w, const struct serve_listener *at, const char *policy)
{
    struct sockaddr_storage to;
    socklen_t size = sizeof to;
    char text[256];
    int n = snprintf(text, sizeof text,
                     "POST /v1/verify?policy=%s HTTP/1.1\r\nHost: watchdog\r\nConnection: close\r\n"
                     "Content-Type: application/cmw+cbor\r\nContent-Length: 1\r\n\r\nx",
                     policy);
    if (getsockname(at->fd, (struct sockaddr *)&to, &size) != 0)
        return false;
    w->fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = {.tv_sec = 1};
    return w->fd != -1 &&
           setsockopt(w->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
           connect(w->fd, (struct sockaddr *)&to, size) == 0 &&
           send(w->fd, text, (size_t)n, MSG_NOSIGNAL) == n;
}

/* serves says that keeper and judge had their part in an answer: a report, or that the policy has ended, all are busy
 * with others, or the database is away. A start does not bring that back, and would make an empty one in its place. */
static bool serves(const char *answer)
{
    static const enum talk_status good[] = {TALK_BUSY, TALK_NOT_READY, TALK_CLOCK, TALK_NO_STORE};
    char type[128];
    if (strncmp(answer, "HTTP/1.1 200 ", 13) == 0)
        return true;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(type, sizeof type, "\"urn:situs:problem:%s\"", talk_status_word(good[i]));
        if (strstr(answer, type))
            return true;
    }
    return false;
}

/* hear takes what has come; true: the answer is whole. A report is longer than the room, and its first line is enough. */
static bool hear(struct watch *w)
{
    ssize_t n = recv(w->fd, w->answer + w->n, sizeof w->answer - 1 - w->n, MSG_DONTWAIT);
    if (n > 0)
        w->n += (size_t)n;
    w->answer[w->n] = 0;
    return n == 0 || w->n == sizeof w->answer - 1;
}

void watch_turn(struct watch *w, const struct serve_listener *at, const char *policy)
{
    if (w->period == 0)
        return;
    if (w->fd != -1 && hear(w)) {
        if (serves(w->answer))
            notify("WATCHDOG=1");
        else
            out_error("the service's own question was answered: %.*s",
                      (int)strcspn(w->answer, "\r\n"), w->answer);
        close_one(w);
    }
    if (wire_now() < w->next)
        return;
    if (w->fd != -1)
        out_error(
            "the service did not answer its own question: systemd is not told that it serves");
    close_one(w);
    w->next = wire_now() + w->period;
    if (!ask(w, at, policy))
        close_one(w);
}
