/* Directories; see dir.h. */
#include "frame/dir.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct situs_err *err, const char *path, const char *expected, const char *got)
{
    size_t n = strlen(path), room = sizeof err->part - 1;
    err_fail(err, SITUS_MISSING, n > room ? path + n - room : path, "", SITUS_NO_OFFSET, expected,
             got);
    return err_hint(err, "check the path and its permissions");
}

static struct dir_file *find(const struct dir *d, const char *name)
{
    for (size_t i = 0; i < d->n; i++)
        if (strcmp(d->v[i].name, name) == 0)
            return &d->v[i];
    return NULL;
}

bool dir_add(struct dir *d, const char *name, struct span bytes, struct situs_err *err)
{
    if (!d->v)
        d->v = calloc(LIMIT_COLLATERAL_PARTS, sizeof *d->v);
    uint8_t *copy = malloc(bytes.n ? bytes.n : 1);
    if (!d->v || !copy || d->n == LIMIT_COLLATERAL_PARTS) {
        free(copy);
        return err_fail(err, SITUS_TOO_LONG, name, "files", SITUS_NO_OFFSET,
                        "a set of at most 512 files", "more");
    }
    if (bytes.n)
        memcpy(copy, bytes.p, bytes.n);
    struct dir_file *f = &d->v[d->n++];
    snprintf(f->name, sizeof f->name, "%s", name);
    f->p = copy;
    f->n = bytes.n;
    return true;
}

bool dir_put(struct dir *d, const char *name, struct span bytes, struct situs_err *err)
{
    if (!name[0] || name[0] == '.' || strchr(name, '/') || strlen(name) >= DIR_NAME)
        return err_fail(err, SITUS_UNSUPPORTED, "file name", "", SITUS_NO_OFFSET,
                        "a plain name of at most 63 bytes", name);
    struct dir_file *old = find(d, name);
    if (!dir_add(d, name, bytes, err))
        return false;
    if (!old)
        return true;
    free(old->p);
    *old = d->v[--d->n];
    return true;
}

static bool see_file(const char *dir, const char *name, dir_see *see, void *own,
                     struct situs_err *err)
{
    char path[PATH_MAX];
    struct stat st;
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return fail(err, dir, "a shorter path", "a path that is too long");
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return fail(err, path, "nothing but files in the directory", "something else");
    return see(own, path, err);
}

bool dir_each(const char *path, dir_see *see, void *own, struct situs_err *err)
{
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort);
    if (n < 0)
        return fail(err, path, "a readable directory", strerror(errno));
    bool ok = true;
    for (int i = 0; i < n; i++) {
        if (ok && names[i]->d_name[0] != '.')
            ok = see_file(path, names[i]->d_name, see, own, err);
        free(names[i]);
    }
    free(names);
    return ok;
}

struct reading {
    struct dir *d;
    size_t limit;
};

static bool put_file(void *own, const char *path, struct situs_err *err)
{
    const struct reading *r = own;
    struct file file;
    if (!file_read(&file, path, r->limit, err))
        return false;
    bool ok = dir_add(r->d, strrchr(path, '/') + 1, file_span(&file), err);
    file_free(&file);
    return ok;
}

bool dir_read(struct dir *d, const char *path, size_t limit, struct situs_err *err)
{
    return dir_each(path, put_file, &(struct reading){d, limit}, err);
}

void dir_free(struct dir *d)
{
    for (size_t i = 0; i < d->n; i++)
        free(d->v[i].p);
    free(d->v);
    *d = (struct dir){NULL, 0};
}

/* only_ours says that an existing directory may be replaced: everything in it is a file of ours. */
static bool only_ours(const char *path, bool (*ours)(const char *name), struct situs_err *err)
{
    DIR *dir = opendir(path);
    if (!dir)
        return errno == ENOENT ? true : fail(err, path, "a directory, or none", strerror(errno));
    const struct dirent *entry;
    char stranger[DIR_NAME] = "";
    while (!stranger[0] && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (!ours(entry->d_name))
            snprintf(stranger, sizeof stranger, "%.60s", entry->d_name);
    }
    closedir(dir);
    if (!stranger[0])
        return true;
    fail(err, path, "an empty directory, one that situs wrote for this, or none", stranger);
    snprintf(err->hint, sizeof err->hint, "name a new directory: this one would be replaced");
    return false;
}

/* remove_set removes a directory and the files in it; nothing else can be in it. Of a link nothing
 * but the link goes. */
static void remove_set(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        unlink(path);
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL)
        unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    rmdir(path);
}

static bool write_set(const struct dir *d, const char *path, struct situs_err *err)
{
    for (size_t i = 0; i < d->n; i++) {
        char name[PATH_MAX];
        int n = snprintf(name, sizeof name, "%s/%s", path, d->v[i].name);
        if (n < 0 || (size_t)n >= sizeof name)
            return fail(err, path, "a shorter path", "a path that is too long");
        if (!file_write(name, span_of(d->v[i].p, d->v[i].n), err))
            return false;
    }
    return true;
}

/* exchange puts the new directory at path and leaves the old one, if any, at the new one's name. */
static bool exchange(const char *made, const char *path)
{
    if (renameat2(AT_FDCWD, made, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return true;
    if (errno == EEXIST && renameat2(AT_FDCWD, made, AT_FDCWD, path, RENAME_EXCHANGE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    /* A file system without exchange: two renames, with a moment in which path is absent. */
    char old[PATH_MAX];
    snprintf(old, sizeof old, "%.*s.old", PATH_MAX - 8, made);
    if (rename(path, old) != 0 && errno != ENOENT)
        return false;
    if (rename(made, path) == 0)
        return rename(old, made) == 0 || errno == ENOENT;
    int why = errno;
    rename(old, path);
    errno = why;
    return false;
}

bool dir_write(const struct dir *d, const char *path, bool (*ours)(const char *name),
               struct situs_err *err)
{
    char whole[PATH_MAX - 16], made[PATH_MAX];
    char *real = realpath(path, NULL); /* what a link leads to is replaced, and not the link */
    int size = snprintf(whole, sizeof whole, "%s", real ? real : path);
    free(real);
    for (size_t n = strlen(whole); n > 1 && whole[n - 1] == '/'; n--)
        whole[n - 1] = 0;
    snprintf(made, sizeof made, "%s.XXXXXX", whole);
    if (size < 0 || (size_t)size >= sizeof whole)
        return fail(err, path, "a shorter path", "a path that is too long");
    if (!only_ours(whole, ours, err))
        return false;
    if (!mkdtemp(made))
        return fail(err, path, "a place to write", strerror(errno));
    mode_t mask = umask(0);
    umask(mask);
    bool ok = write_set(d, made, err);
    if (ok && (chmod(made, 0777 & ~mask) != 0 || !exchange(made, whole)))
        ok = fail(err, path, "to be replaced", strerror(errno));
    remove_set(made); /* the old set, or what was written of the new one */
    return ok;
}
