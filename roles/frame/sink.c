/* Files that appear whole; see sink.h. */
#include "frame/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const char *path, const char *expected, const char *got, struct situs_err *err)
{
    err_fail(err, SITUS_MISSING, path, "", SITUS_NO_OFFSET, expected, got);
    return err_hint(err, "check the path, its permissions and the room on the disk");
}

bool sink_open(struct sink *s, const char *path, struct situs_err *err)
{
    struct stat st;
    memset(s, 0, sizeof *s);
    s->path = path;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        err_fail(err, SITUS_MISSING, path, "", SITUS_NO_OFFSET, "a regular file, or none",
                 "something else of that name");
        return err_hint(err, "a device or pipe would be replaced by the file: name another");
    }
    int n = snprintf(s->temporary, sizeof s->temporary, "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof s->temporary)
        return fail(path, "a shorter path", "a path that is too long", err);
    int fd = mkostemp(s->temporary, O_CLOEXEC);
    if (fd < 0)
        return fail(path, "a place to write", strerror(errno), err);
    s->file = fdopen(fd, "wb");
    if (s->file)
        return true;
    close(fd);
    unlink(s->temporary);
    return fail(path, "to be written", strerror(ENOMEM), err);
}

bool sink_put(void *to, struct span bytes)
{
    struct sink *s = to;
    return fwrite(bytes.p, 1, bytes.n, s->file) == bytes.n;
}

/* sync_parent makes the rename itself durable; a file system that cannot is no error. */
static void sync_parent(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* As a file that open(2) makes. */
static bool set_mode(int fd)
{
    mode_t mask = umask(0);
    umask(mask);
    return fchmod(fd, 0666 & ~mask) == 0;
}

bool sink_close(struct sink *s, bool ok, struct situs_err *err)
{
    if (!s->file)
        return false;
    int fd = fileno(s->file);
    bool whole = ok && fflush(s->file) == 0 && set_mode(fd) && fsync(fd) == 0;
    int why = errno;
    if (fclose(s->file) != 0 && whole) {
        whole = false;
        why = errno;
    }
    s->file = NULL;
    if (whole && rename(s->temporary, s->path) == 0) {
        sync_parent(s->path);
        return true;
    }
    why = whole ? errno : why;
    unlink(s->temporary);
    return ok && fail(s->path, "to be written", strerror(why), err);
}
