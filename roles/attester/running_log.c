/* The running system's log, locked; see running_log.h. */
#include "attester/running_log.h"

#include "base/limits.h"
#include "frame/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAUSE 20 /* milliseconds between two tries */

static bool lock(int fd, const char *path, int wait, struct situs_err *err)
{
    for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += PAUSE) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || waited >= wait) {
            err_fail(err, SITUS_MISSING, path, "", SITUS_NO_OFFSET, "the lock on the log",
                     strerror(errno));
            return err_hint(err, "something measures all the time, or holds the lock: try again");
        }
        poll(NULL, 0, PAUSE);
    }
    return true;
}

bool running_log_hold(struct running_log *r, const char *path, int wait, struct arena *a,
                      struct situs_err *err)
{
    struct stat st;
    struct file f;
    *r = (struct running_log){.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (r->fd < 0) {
        err_fail(err, SITUS_MISSING, path, "", SITUS_NO_OFFSET, "a readable file", strerror(errno));
        return err_hint(err, "only root reads the log of the running system: run situs as root");
    }
    if (!lock(r->fd, path, wait, err) || !file_read(&f, path, LIMIT_LOG, err))
        return false;
    r->marked = fstat(r->fd, &st) == 0 && st.st_mode & S_ISVTX;
    r->text = arena_copy(a, file_span(&f));
    bool ok = r->text.n == f.n;
    file_free(&f);
    return ok || err_fail(err, SITUS_NO_MEMORY, path, "", SITUS_NO_OFFSET, NULL, NULL);
}

void running_log_release(struct running_log *r)
{
    if (r->fd >= 0)
        close(r->fd); /* the lock goes with it */
    r->fd = -1;
}
