/* Listeners of a server, and the signals that stop it; see wire.h. */
#include "wire/wire.h"

#include "base/text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128 /* as many as connect while the handler works */
#define TRIES 10    /* to find nobody there, when a server was killed and its children end */

static bool fail(struct situs_err *err, const char *path, const char *expected, const char *got)
{
    err_fail(err, SITUS_MISSING, path, "", SITUS_NO_OFFSET, expected, got);
    return err_hint(err, "choose another socket path");
}

static bool nobody_listens(const struct sockaddr_un *at)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool dead = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 &&
                errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return dead;
}

/* clear_way removes a socket that nobody listens on; false when something else is there. */
static bool clear_way(const struct sockaddr_un *at)
{
    struct stat st;
    bool dead = false;
    if (lstat(at->sun_path, &st) != 0)
        return errno == ENOENT;
    if (!S_ISSOCK(st.st_mode)) {
        errno = EEXIST;
        return false;
    }
    for (int i = 0; i < TRIES && !dead; i++) {
        dead = nobody_listens(at);
        if (!dead)
            poll(NULL, 0, 20);
    }
    errno = EADDRINUSE;
    return dead && unlink(at->sun_path) == 0;
}

bool wire_listen(struct wire_server *s, const char *path, struct situs_err *err)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    _Static_assert(sizeof at.sun_path == sizeof s->listener[0].path, "sun_path is as in unix(7)");
    if (strlen(path) >= sizeof at.sun_path)
        return fail(err, path, "a socket path of at most 107 bytes", TEXT_BYTES(strlen(path)));
    if (s->n == WIRE_LISTENERS)
        return fail(err, path, "at most 64 sockets", "more");
    memcpy(at.sun_path, path, strlen(path) + 1);
    if (!clear_way(&at))
        return fail(err, path, "a free socket path", strerror(errno));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
        listen(fd, BACKLOG) != 0) {
        fail(err, path, "a socket to listen on", strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    s->listener[s->n].fd = fd;
    memcpy(s->listener[s->n++].path, at.sun_path, sizeof at.sun_path);
    return true;
}

void wire_close(struct wire_server *s)
{
    for (size_t i = 0; i < s->n; i++) {
        close(s->listener[i].fd);
        unlink(s->listener[i].path);
    }
    s->n = 0;
}

int wire_stop(void)
{
    static const int deaf_to[] = {SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2};
    sigset_t set;
    for (size_t i = 0; i < sizeof deaf_to / sizeof *deaf_to; i++)
        signal(deaf_to[i], SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)
                                                   : -1;
}

bool wire_stop_taken(int stop)
{
    struct signalfd_siginfo signal;
    return read(stop, &signal, sizeof signal) == sizeof signal;
}
