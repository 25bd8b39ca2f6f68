/*
 * Preloaded into a program under test: the n-th call that changes a file fails as on a full disk,
 * or is where the program is killed. SITUS_END_AT is "full N" or "kill N", from 1; without it
 * nothing changes.
 */
#define _GNU_SOURCE
#undef _FILE_OFFSET_BITS /* both names of mkostemp are wrapped */
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* due counts a call and says that it must fail; a program that is to be killed does not return. */
static bool due(void)
{
    static int calls;
    const char *plan = getenv("SITUS_END_AT");
    char word[8];
    int n;
    if (!plan || sscanf(plan, "%7s %d", word, &n) != 2 || ++calls != n)
        return false;
    syscall(SYS_write, 2, "end_at\n", 7);
    if (word[0] == 'k')
        kill(getpid(), SIGKILL);
    errno = ENOSPC;
    return true;
}

/* WRAP(type, failure, name, parameters, arguments): a libc function that is counted. */
#define WRAP(type, failure, name, parameters, arguments) \
    type name parameters                                 \
    {                                                    \
        type(*real) parameters;                          \
        *(void **)&real = dlsym(RTLD_NEXT, #name);       \
        return due() ? failure : real arguments;         \
    }

WRAP(int, -1, mkostemp, (char *path, int flags), (path, flags))
WRAP(int, -1, mkostemp64, (char *path, int flags), (path, flags))
WRAP(char *, NULL, mkdtemp, (char *path), (path))
WRAP(int, -1, fsync, (int fd), (fd))
WRAP(int, -1, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, -1, chmod, (const char *path, mode_t mode), (path, mode))
WRAP(int, -1, rename, (const char *from, const char *to), (from, to))
WRAP(int, -1, renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
     (a, from, b, to, flags))

/* With SITUS_NO_FUSE the machine has no /dev/fuse. */
int access(const char *path, int mode)
{
    int (*real)(const char *, int);
    *(void **)&real = dlsym(RTLD_NEXT, "access");
    if (getenv("SITUS_NO_FUSE") && strcmp(path, "/dev/fuse") == 0) {
        errno = ENOENT;
        return -1;
    }
    return real(path, mode);
}

/* With SITUS_SLOW_NAMES no name server answers; addresses in figures need none. */
int getaddrinfo(const char *host, const char *port, const struct addrinfo *want,
                struct addrinfo **found)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    while (getenv("SITUS_SLOW_NAMES") && !(want->ai_flags & AI_NUMERICHOST))
        pause();
    return real(host, port, want, found);
}

/* Only files: what the program says goes into a pipe. */
ssize_t write(int fd, const void *bytes, size_t n)
{
    ssize_t (*real)(int, const void *, size_t);
    struct stat st;
    *(void **)&real = dlsym(RTLD_NEXT, "write");
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && due() ? -1 : real(fd, bytes, n);
}
