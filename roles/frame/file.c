/* Files; see file.h. */
#include "frame/file.h"

#include "base/text.h"
#include "frame/out.h"
#include "frame/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct situs_err *err, const char *path, const char *expected, const char *got)
{
    err_fail(err, SITUS_MISSING, path, "", SITUS_NO_OFFSET, expected, got);
    return err_hint(err, "check the path and its permissions");
}

static bool too_long(struct situs_err *err, const char *path, size_t limit, const char *got)
{
    char most[48];
    snprintf(most, sizeof most, "at most %zu bytes", limit);
    err_fail(err, SITUS_TOO_LONG, path, "size", SITUS_NO_OFFSET, most, got);
    return err_hint(err, "no honest file of this kind is so large; check that it is the right one");
}

/* kind_ok says that the open file is one that may be read: never a directory or a device. */
static bool kind_ok(int fd, const char *path, size_t limit, size_t *size, struct situs_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail(err, path, "a readable file", strerror(errno));
    if (S_ISDIR(st.st_mode))
        return fail(err, path, "a file", "a directory");
    if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && fd != STDIN_FILENO)
        return fail(err, path, "a regular file or a pipe", "a device or socket");
    *size = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 0;
    if (*size > limit)
        return too_long(err, path, limit, TEXT_BYTES(*size));
    return true;
}

/* read_all reads to the end; room grows (pipes, /sys) but never past limit + 1 bytes. */
static bool read_all(struct file *f, int fd, size_t room, size_t limit, struct situs_err *err)
{
    for (;;) {
        if (f->n > limit)
            return too_long(err, f->path, limit, "more");
        if (!f->p || f->n == room) {
            room = f->p ? 2 * room : room;
            room = room < limit + 1 ? room : limit + 1;
            uint8_t *p = realloc(f->p, room);
            if (!p)
                return fail(err, f->path, "memory for it", strerror(errno));
            f->p = p;
        }
        ssize_t got = read(fd, f->p + f->n, room - f->n);
        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR)
            return fail(err, f->path, "a readable file", strerror(errno));
        f->n += got > 0 ? (size_t)got : 0;
    }
}

static bool open_to_read(int *fd, const char *path, struct situs_err *err)
{
    if (strcmp(path, "-") == 0) {
        *fd = STDIN_FILENO;
        return true;
    }
    /* Not blocking: a named pipe without a writer reads as empty instead of hanging. */
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0)
        return fail(err, path, "a readable file", strerror(errno));
    int flags = fcntl(*fd, F_GETFL);
    if (flags >= 0)
        fcntl(*fd, F_SETFL, flags & ~O_NONBLOCK);
    return true;
}

bool file_read(struct file *f, const char *path, size_t limit, struct situs_err *err)
{
    int fd;
    size_t size = 0;
    *f = (struct file){.path = path};
    if (!open_to_read(&fd, path, err))
        return false;
    bool ok =
        kind_ok(fd, path, limit, &size, err) && read_all(f, fd, size ? size + 1 : 4096, limit, err);
    if (fd != STDIN_FILENO)
        close(fd);
    if (!ok)
        file_free(f);
    return ok;
}

void file_free(struct file *f)
{
    free(f->p);
    f->p = NULL;
    f->n = 0;
}

int file_exit(const struct situs_err *err)
{
    return err->code == SITUS_TOO_LONG ? 2 : 1;
}

bool file_write(const char *path, struct span bytes, struct situs_err *err)
{
    struct sink sink;
    if (strcmp(path, "-") == 0) {
        out_bytes(bytes);
        return true;
    }
    if (!sink_open(&sink, path, err))
        return false;
    if (bytes.n && !sink_put(&sink, bytes)) {
        err_fail(err, SITUS_MISSING, path, "", SITUS_NO_OFFSET, "to be written", strerror(errno));
        err_hint(err, "check the room on the disk");
        return sink_close(&sink, false, err);
    }
    return sink_close(&sink, true, err);
}

bool file_keeps(const char *path, struct situs_err *err)
{
    struct stat st;
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (stat(path, &st) == 0)
        return (S_ISREG(st.st_mode) && access(path, R_OK | W_OK) == 0) ||
               fail(err, path, "a regular file that can be written",
                    S_ISREG(st.st_mode) ? strerror(errno) : "another kind of file");
    if (errno != ENOENT)
        return fail(err, path, "a file that can be written", strerror(errno));
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path + 1) : 1,
             slash ? path : ".");
    return access(folder, W_OK | X_OK) == 0 ||
           fail(err, path, "a folder in which it can be made", strerror(errno));
}
