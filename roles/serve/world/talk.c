/* Packets and sealed memory between the processes of the service; see talk.h. */
#include "serve/world/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static const struct {
    const char *word, *hint;
    int http;
} statuses[] = {
#define TALK_STATUS(name, word, http, hint) {word, hint, http},
#include "serve/world/talk_status.def"
#undef TALK_STATUS
};

static uint32_t known(uint32_t status)
{
    return status < TALK_STATUSES ? status : TALK_INTERNAL;
}

const char *talk_status_word(uint32_t status)
{
    return statuses[known(status)].word;
}

int talk_status_http(uint32_t status)
{
    return statuses[known(status)].http;
}

const char *talk_status_hint(uint32_t status)
{
    return statuses[known(status)].hint;
}

bool talk_is_text(const char *text, size_t size)
{
    return memchr(text, 0, size) != NULL;
}

static bool write_all(int fd, struct span s)
{
    while (s.n > 0) {
        ssize_t wrote = write(fd, s.p, s.n);
        if (wrote <= 0)
            return false;
        s = span_cut(s, (size_t)wrote, s.n - (size_t)wrote);
    }
    return true;
}

int talk_memory_of(const struct span *parts, size_t n)
{
    int fd = memfd_create("situs", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    bool ok = fd != -1;
    for (size_t i = 0; ok && i < n; i++)
        ok = write_all(fd, parts[i]);
    if (ok && fcntl(fd, F_ADD_SEALS, SEALS) == 0)
        return fd;
    if (fd != -1)
        close(fd);
    return -1;
}

int talk_memory(const void *p, size_t n)
{
    const struct span all = span_of(p, n);
    return talk_memory_of(&all, 1);
}

bool talk_memory_is(int fd, size_t limit, size_t *size)
{
    struct stat st;
    int seals = fcntl(fd, F_GET_SEALS);
    *size = 0;
    if (seals == -1 || (seals & SEALS) != SEALS || fstat(fd, &st) == -1 || st.st_size < 0 ||
        (uint64_t)st.st_size > limit)
        return false;
    *size = (size_t)st.st_size;
    return true;
}

bool talk_send(int socket, const void *packet, size_t size, const int *fds, size_t n)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(TALK_FDS * sizeof(int))];
    } control = {.room = {0}};
    struct iovec io = {(void *)(uintptr_t)packet, size};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
    if (n > TALK_FDS) {
        errno = EINVAL;
        return false;
    }
    if (n > 0) {
        m.msg_control = control.room;
        m.msg_controllen = CMSG_SPACE(n * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n * sizeof(int));
        memcpy(CMSG_DATA(c), fds, n * sizeof(int));
    }
    ssize_t sent;
    do
        sent = sendmsg(socket, &m, MSG_NOSIGNAL);
    while (sent == -1 && errno == EINTR);
    return sent == (ssize_t)size;
}

/* take copies the descriptors of a message; false when there is anything else beside it. */
static bool take(struct msghdr *m, int fds[TALK_FDS], size_t *n)
{
    bool ok = true;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            ok = false;
            continue;
        }
        size_t came = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < came; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (*n < TALK_FDS)
                fds[(*n)++] = fd;
            else
                close(fd), ok = false;
        }
    }
    return ok;
}

bool talk_receive(int socket, void *packet, size_t size, int fds[TALK_FDS], size_t *n)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(TALK_FDS * sizeof(int))];
    } control;
    struct iovec io = {packet, size};
    struct msghdr m = {.msg_iov = &io,
                       .msg_iovlen = 1,
                       .msg_control = control.room,
                       .msg_controllen = sizeof control.room};
    *n = 0;
    for (size_t i = 0; i < TALK_FDS; i++)
        fds[i] = -1;
    ssize_t came;
    do
        came = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
    while (came == -1 && errno == EINTR);
    if (came == -1)
        return false;
    bool ok = take(&m, fds, n) && !(m.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
    if (ok && came == (ssize_t)size)
        return true;
    for (size_t i = 0; i < TALK_FDS; i++) {
        if (fds[i] != -1)
            close(fds[i]);
        fds[i] = -1;
    }
    *n = 0;
    errno = came == 0 ? EPIPE : EPROTO;
    return false;
}
