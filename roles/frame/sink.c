/* Files in pieces; see sink.h. */
#include "frame/sink.h"

#include "frame/file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const struct sink *s, struct situs_err *err)
{
    err_fail(err, SITUS_MISSING, s->path, "", SITUS_NO_OFFSET, "a file that can be written",
             strerror(errno));
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
    int fd = n > 0 && (size_t)n < sizeof s->temporary ? mkstemp(s->temporary) : -1;
    if (fd >= 0)
        s->file = fdopen(fd, "wb");
    return s->file != NULL || fail(s, err);
}

bool sink_put(void *to, struct span bytes)
{
    struct sink *s = to;
    return fwrite(bytes.p, 1, bytes.n, s->file) == bytes.n;
}

bool sink_close(struct sink *s, bool ok, struct situs_err *err)
{
    if (!s->file)
        return false;
    bool whole = ok && fflush(s->file) == 0 && fchmod(fileno(s->file), 0644) == 0 &&
                 fsync(fileno(s->file)) == 0;
    whole = fclose(s->file) == 0 && whole;
    s->file = NULL;
    if (whole && rename(s->temporary, s->path) == 0) {
        file_sync_parent(s->path);
        return true;
    }
    unlink(s->temporary);
    return ok ? fail(s, err) : false;
}
