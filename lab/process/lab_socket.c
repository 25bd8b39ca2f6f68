/* Unix stream sockets; see lab_socket.h. */
#include "lab/process/lab_socket.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lab/intel/lab_buf.h"
#include "lab/process/lab_process.h"

static struct sockaddr_un address(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof a.sun_path)
        lab_die("%s: a socket's path has at most %zu bytes; give a shorter directory", path,
                sizeof a.sun_path - 1);
    memcpy(a.sun_path, path, strlen(path) + 1);
    return a;
}

int lab_socket_listen(const char *path)
{
    struct sockaddr_un a = address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 16) != 0)
        lab_die("%s: %s", path, strerror(errno));
    return fd;
}

int lab_socket_connect(const char *path)
{
    const struct timespec a_moment = {0, 2 * 1000 * 1000};
    struct sockaddr_un a = address(path);
    for (int i = 0; i < 1000; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            return -1;
        if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
            return fd;
        close(fd);
        nanosleep(&a_moment, NULL);
    }
    return -1;
}

/* listens looks into unix(7)'s table: a row ends with the path, and its flags have __SO_ACCEPTCON. */
static bool listens(const char *path)
{
    char line[256];
    bool found = false;
    FILE *table = fopen("/proc/net/unix", "re");
    while (table && !found && fgets(line, sizeof line, table)) {
        const char *at = strchr(line, '/');
        line[strcspn(line, "\n")] = 0;
        found = at && strcmp(at, path) == 0 && strstr(line, " 00010000 ");
    }
    if (table)
        fclose(table);
    return found;
}

bool lab_socket_served(const char *path, pid_t process)
{
    const struct timespec a_moment = {0, 2 * 1000 * 1000};
    for (int i = 0; i < 10000; i++) {
        if (listens(path))
            return true;
        if (!lab_process_alive(process))
            return false;
        nanosleep(&a_moment, NULL);
    }
    return false;
}

void lab_socket_close(int fd)
{
    if (fd >= 0)
        close(fd);
}

bool lab_socket_write(int fd, struct span bytes)
{
    while (bytes.n > 0) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = span_of(bytes.p + n, bytes.n - (size_t)n);
    }
    return true;
}

bool lab_socket_read(int fd, void *out, size_t n)
{
    for (size_t have = 0; have < n;) {
        ssize_t got = recv(fd, (uint8_t *)out + have, n - have, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

bool lab_socket_send(int fd, struct span message)
{
    const uint8_t size[4] = {(uint8_t)(message.n >> 24), (uint8_t)(message.n >> 16),
                             (uint8_t)(message.n >> 8), (uint8_t)message.n};
    return lab_socket_write(fd, SPAN_ARR(size)) && lab_socket_write(fd, message);
}

size_t lab_socket_receive(int fd, uint8_t *out, size_t room)
{
    uint8_t b[4];
    if (!lab_socket_read(fd, b, sizeof b))
        return 0;
    size_t n = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
    return n <= room && lab_socket_read(fd, out, n) ? n : 0;
}

_Noreturn void lab_socket_serve(int fd, void (*serve)(void *context, int connection), void *context)
{
    signal(SIGCHLD, SIG_IGN); /* nobody waits for them */
    for (;;) {
        int connection = accept(fd, NULL, NULL);
        if (connection < 0)
            continue;
        if (fork() == 0) {
            serve(context, connection);
            _exit(0);
        }
        close(connection);
    }
}
