/* Writing the audit log; see audit_log.h. */
#include "audit/audit_log.h"

#include "audit/audit_chain.h"
#include "base/text.h"
#include "frame/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_TEXT (20 + 1 + 64 + 1) /* number, blank, SHA-256 in hex, newline */

static bool fail(const struct audit_log *a, const char *field, const char *what,
                 struct situs_err *err)
{
    err_fail(err, SITUS_INTERNAL, a->path, field, SITUS_NO_OFFSET, what, strerror(errno));
    return err_hint(err, "nothing is answered that is not on record: make room, or mend the disk");
}

/* read_head is what PATH-head says; number 0: nothing yet. */
static bool read_head(const struct audit_log *a, struct audit_head *head, struct situs_err *err)
{
    uint8_t text[HEAD_TEXT];
    ssize_t n = pread(a->lock, text, sizeof text, 0);
    *head = (struct audit_head){0};
    if (n == 0)
        return true;
    if (n == HEAD_TEXT && text[20] == ' ' && text[HEAD_TEXT - 1] == '\n' &&
        text_number(span_of(text, 20), 1, INT64_MAX, &head->number) &&
        text_hex_read(head->sha256, 32, span_of(text + 21, 64)))
        return true;
    err_fail(err, SITUS_MALFORMED, a->path, "head", 0, "a number and a SHA-256",
             n < 0 ? strerror(errno) : TEXT_CUT(span_of(text, (size_t)n)));
    return err_hint(
        err,
        "PATH-head is damaged: see whether the log is whole (situs audit verify), then remove it");
}

/* write_head says which line is the last, where there is one. */
static bool write_head(const struct audit_log *a)
{
    char text[HEAD_TEXT + 1], hex[65];
    if (a->head.number == 0)
        return true;
    snprintf(text, sizeof text, "%020llu %s\n", (unsigned long long)a->head.number,
             text_hex(hex, sizeof hex, SPAN_ARR(a->head.sha256)));
    return pwrite(a->lock, text, HEAD_TEXT, 0) == HEAD_TEXT;
}

/* last_line finds the last whole line of the file: tail ends with its newline. */
static bool last_line(struct audit_log *a, off_t size, struct audit_head *head,
                      struct situs_err *err)
{
    uint8_t tail[2 * AUDIT_LINE];
    off_t from = size > (off_t)sizeof tail ? size - (off_t)sizeof tail : 0;
    ssize_t n = pread(a->file, tail, (size_t)(size - from), from);
    struct audit_head before;
    int64_t at;
    if (n != size - from)
        return fail(a, "", "a file that can be read", err);
    size_t end = (size_t)n;
    while (end > 0 && tail[end - 1] != '\n')
        end--;
    if (end == 0 && from > 0) {
        err_fail(err, SITUS_MALFORMED, a->path, "line", (size_t)from, "a line that ends", "none");
        return err_hint(err, "its end is no line of an audit log: see what it is, and cut it off "
                             "or move the log away");
    }
    size_t begin = end > 0 ? end - 1 : 0;
    while (begin > 0 && tail[begin - 1] != '\n')
        begin--;
    a->size = from + (off_t)end;
    *head = (struct audit_head){0};
    return a->size == 0 || audit_line_read(span_of(tail + begin, end - 1 - begin), a->path, &before,
                                           head, &at, err);
}

static bool is_head(const struct audit_head *a, const struct audit_head *b)
{
    return a->number == b->number && memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

/* comes_by says that the log's lines are one chain that has the noted line in it, or begins behind it. All are read: after a
 * power cut there may be many of which PATH-head does not know. */
static bool comes_by(const struct audit_log *a, const struct audit_head *noted,
                     struct situs_err *err)
{
    struct audit_chain chain = {.noted = *noted};
    void *p = mmap(NULL, (size_t)a->size, PROT_READ, MAP_PRIVATE, a->file, 0);
    if (p == MAP_FAILED)
        return fail(a, "", "a file that can be read", err);
    bool ok = audit_chain_add(&chain, span_of(p, (size_t)a->size), a->path, err);
    munmap(p, (size_t)a->size);
    return ok && (chain.met || is_head(&chain.before, noted));
}

/* agree compares the log with what was written last. It may be ahead, of who was ended between two writes; one that is
 * new goes on with the chain of the one before. */
static bool agree(struct audit_log *a, const struct audit_head *last, struct situs_err *err)
{
    struct audit_head noted;
    if (!read_head(a, &noted, err))
        return false;
    a->head = a->size > 0 ? *last : noted;
    if (a->size == 0) /* of the file before no more will be read */
        return noted.number == 0 || fsync(a->lock) == 0 || fail(a, "head", "to be written", err);
    if (noted.number == 0 || is_head(&noted, last) ||
        (noted.number < last->number && comes_by(a, &noted, err)))
        return true;
    err_fail(err, SITUS_MISMATCH, a->path, "head", SITUS_NO_OFFSET, TEXT_NUM(noted.number),
             TEXT_NUM(last->number));
    return err_hint(
        err,
        "the log was cut, or another put in its place: bring it back, or move it away, and a new "
        "file goes on with the chain");
}

/* open_file opens what has the log's name now. */
static bool open_file(struct audit_log *a, struct situs_err *err)
{
    struct stat st;
    struct audit_head last;
    if (a->file != -1)
        close(a->file);
    a->file =
        open(a->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (a->file == -1 || fstat(a->file, &st) == -1)
        return fail(a, "", "a file that can be written", err);
    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return fail(a, "", "a regular file", err);
    }
    a->device = st.st_dev;
    a->inode = st.st_ino;
    if (!last_line(a, st.st_size, &last, err) || !agree(a, &last, err))
        return false;
    if (a->size == st.st_size)
        return true;
    out_note("%s: a line that was not whole, %lld bytes, is taken away: who wrote it was ended",
             a->path, (long long)(st.st_size - a->size));
    return ftruncate(a->file, a->size) == 0 || fail(a, "", "a file that can be cut", err);
}

/* is_ours says that the file is as this process left it. */
static bool is_ours(const struct audit_log *a)
{
    struct stat st;
    return a->file != -1 && stat(a->path, &st) == 0 && st.st_dev == a->device &&
           st.st_ino == a->inode && st.st_size == a->size;
}

/* put_aside gives a file that is full a name of its own; the next goes on with the chain. */
static bool put_aside(struct audit_log *a, struct situs_err *err)
{
    char name[PATH_MAX];
    if (snprintf(name, sizeof name, "%s.%020llu", a->path, (unsigned long long)a->head.number) >=
            PATH_MAX ||
        renameat2(AT_FDCWD, a->path, AT_FDCWD, name, RENAME_NOREPLACE) == -1)
        return fail(a, "", "a name to put the full file aside", err);
    return write_head(a) && fsync(a->lock) == 0
               ? open_file(a, err)
               : fail(a, "head", "a head that can be written", err);
}

bool audit_log_begin(struct audit_log *a, struct situs_err *err)
{
    int locked;
    do
        locked = flock(a->lock, LOCK_EX);
    while (locked == -1 && errno == EINTR);
    if (locked == -1)
        return fail(a, "head", "a lock", err);
    a->writes = true;
    a->lines = wr_new(a->room, sizeof a->room);
    return (is_ours(a) || open_file(a, err)) && (a->size < a->most || put_aside(a, err));
}

bool audit_log_add(struct audit_log *a, const struct audit_entry *e)
{
    return audit_line_write(&a->lines, &a->head, e);
}

bool audit_log_forget(struct audit_log *a, const struct audit_forgotten *f)
{
    return audit_line_forget(&a->lines, &a->head, f);
}

/* put writes the lines to the disk, all or none. */
static bool put(struct audit_log *a, struct situs_err *err)
{
    struct span s = wr_span(&a->lines);
    ssize_t n = s.n ? write(a->file, s.p, s.n) : 0;
    if (n != (ssize_t)s.n && n >= 0)
        errno = ENOSPC;
    return (n == (ssize_t)s.n && fdatasync(a->file) == 0) || fail(a, "", "room for a line", err);
}

bool audit_log_end(struct audit_log *a, bool ok, struct situs_err *err)
{
    if (!a->writes)
        return false;
    bool wrote = ok && put(a, err) && (write_head(a) || fail(a, "head", "room", err));
    if (!ok)
        err_fail(err, SITUS_INTERNAL, a->path, "line", SITUS_NO_OFFSET, "a line that fits", "none");
    if (wrote) {
        a->size += (off_t)a->lines.n;
    } else if (a->file != -1) {
        (void)!ftruncate(a->file,
                         a->size); /* what a failed write left; else the next who opens it does */
        close(a->file);
        a->file = -1;
    }
    a->writes = false;
    flock(a->lock, LOCK_UN);
    return wrote;
}

bool audit_log_open(struct audit_log *a, const char *path, int64_t most, struct situs_err *err)
{
    char name[PATH_MAX];
    *a = (struct audit_log){.path = path, .most = most, .lock = -1, .file = -1};
    if (snprintf(name, sizeof name, "%s-head", path) < PATH_MAX)
        a->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (a->lock == -1)
        return fail(a, "head", "a file that can be written", err);
    return audit_log_end(a, audit_log_begin(a, err), err);
}

void audit_log_close(struct audit_log *a)
{
    if (!a->path)
        return;
    if (a->file != -1)
        close(a->file);
    if (a->lock != -1)
        close(a->lock);
    *a = (struct audit_log){.path = NULL};
}
