/* The warden of directories; see lab_warden.h. It learns their names over a socket (unix(7):
 * SOCK_SEQPACKET keeps each whole), whose end is the end of the process. */
#include "lab/process/lab_warden.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "lab/intel/lab_buf.h"
#include "lab/process/lab_process.h"

#define NAME_ROOM 512

/* unmount takes away what is mounted below the directory. */
static void unmount(const char *directory)
{
    char line[1024], path[sizeof line];
    FILE *f = fopen("/proc/self/mounts", "r"); /* proc(5): device, mount point, ... */
    while (f && fgets(line, sizeof line, f)) {
        const char *const argv[] = {"fusermount3", "-u", "-z", path, NULL};
        struct span rest = span_text(line);
        text_field(&rest, ' ');
        struct span where = text_field(&rest, ' ');
        snprintf(path, sizeof path, "%.*s", (int)where.n, (const char *)where.p);
        if (span_starts(where, span_text(directory)))
            lab_process_run(argv, NULL);
    }
    if (f)
        fclose(f);
}

static void clear_away(const char *directory)
{
    const struct timespec a_moment = {0, 20 * 1000 * 1000};
    const char *const argv[] = {"rm", "-rf", "--one-file-system", directory, NULL};
    for (int i = 0; i < 100 && access(directory, F_OK) == 0; i++) {
        if (i == 50) /* a file system of ours unmounts itself within the first second */
            unmount(directory);
        lab_process_run(argv, NULL);
        nanosleep(&a_moment, NULL);
    }
}

static _Noreturn void ward(int end)
{
    char name[NAME_ROOM];
    struct lab_buf names = {0}; /* each with its NUL */
    ssize_t n;
    while ((n = recv(end, name, sizeof name, 0)) > 0 || (n < 0 && errno == EINTR))
        lab_buf_bytes(&names, span_of((const uint8_t *)name, n > 0 ? (size_t)n : 0));
    for (size_t at = 0; at < names.n; at += strlen((const char *)names.p + at) + 1)
        clear_away((const char *)names.p + at);
    _exit(0);
}

/* start makes the warden and is our end of its socket, open as long as this process, or a fork of
 * it, lives. */
static int start(void)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        lab_die("no socket can be made");
    pid_t child = fork();
    if (child < 0)
        lab_die("no child process can be made");
    if (child > 0) {
        close(ends[1]);
        return ends[0];
    }
    close(ends[0]);
    setsid(); /* a terminal's Control-C is not for it */
    ward(ends[1]);
}

void lab_warden_directory(char *name)
{
    static int warden = -1;
    if (warden < 0)
        warden = start();
    if (!mkdtemp(name))
        lab_die("no directory %s", name);
    size_t n = strlen(name) + 1;
    if (n > NAME_ROOM || send(warden, name, n, MSG_NOSIGNAL) != (ssize_t)n) {
        rmdir(name);
        lab_die("nobody would remove %s", name);
    }
}
