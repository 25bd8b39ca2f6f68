/* configfs-tsm as a file system, by libfuse 3; see lab_tsm.h. */
#include "lab/tsm/lab_tsm.h"

#include "lab/process/lab_process.h"

#ifdef LAB_FUSE
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fuse.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOB_ROOM 65536

static struct lab_tsm *tsm(void)
{
    return (struct lab_tsm *)fuse_get_context()->private_data;
}

static int fs_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
    const char *attribute = NULL;
    (void)fi;
    memset(st, 0, sizeof *st);
    st->st_uid = getuid();
    st->st_gid = getgid();
    st->st_nlink = 1;
    st->st_mode = S_IFDIR | 0755;
    if (path[1] == '\0')
        return 0;
    if (!lab_tsm_find(tsm(), path + 1, &attribute))
        return -ENOENT;
    if (!attribute)
        return 0;
    bool written;
    const char *name;
    for (size_t i = 0; (name = lab_tsm_attribute(tsm(), i, &written)); i++)
        if (strcmp(attribute, name) == 0) {
            st->st_mode = S_IFREG | (written ? 0200 : 0444);
            return 0;
        }
    return -ENOENT;
}

static int fs_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
                      struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
    (void)offset;
    (void)fi;
    (void)flags;
    for (size_t i = 0; path[1] == '\0' && i < LAB_TSM_ENTRIES; i++)
        if (tsm()->entry[i].name[0])
            fill(buffer, tsm()->entry[i].name, NULL, 0, 0);
    bool written;
    const char *name;
    for (size_t i = 0; path[1] != '\0' && (name = lab_tsm_attribute(tsm(), i, &written)); i++)
        fill(buffer, name, NULL, 0, 0);
    return 0;
}

static int fs_mkdir(const char *path, mode_t mode)
{
    (void)mode;
    return lab_tsm_make(tsm(), path + 1);
}

static int fs_rmdir(const char *path)
{
    return lab_tsm_remove(tsm(), path + 1);
}

static int fs_open(const char *path, struct fuse_file_info *fi)
{
    (void)path;
    fi->direct_io = 1; /* sizes are not known before the read */
    return 0;
}

static int fs_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
    (void)path;
    (void)size;
    (void)fi;
    return 0;
}

/* configfs hands a blob over whole; a part of one is refused here. */
static int fs_write(const char *path, const char *bytes, size_t n, off_t offset,
                    struct fuse_file_info *fi)
{
    (void)fi;
    int code = offset == 0 ? lab_tsm_write(tsm(), path + 1, span_of(bytes, n)) : -EFBIG;
    return code == 0 ? (int)n : code;
}

static int fs_read(const char *path, char *out, size_t room, off_t offset,
                   struct fuse_file_info *fi)
{
    static uint8_t blob[BLOB_ROOM];
    (void)fi;
    ssize_t n = lab_tsm_read(tsm(), path + 1, blob, sizeof blob);
    if (n < 0 || offset >= n)
        return n < 0 ? (int)n : 0;
    size_t left = (size_t)(n - offset), size = left < room ? left : room;
    memcpy(out, blob + offset, size);
    return (int)size;
}

static const struct fuse_operations operations = {
    .getattr = fs_getattr,
    .readdir = fs_readdir,
    .mkdir = fs_mkdir,
    .rmdir = fs_rmdir,
    .open = fs_open,
    .truncate = fs_truncate,
    .write = fs_write,
    .read = fs_read,
};

static _Noreturn void serve(const struct lab_tsm *t, const char *directory)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* so that it unmounts */
    struct lab_tsm own = *t;
    char name[] = "situs-lab";
    char *argv[] = {name, NULL};
    struct fuse_args args = {1, argv, 0};
    int code = 1;
    if (!freopen("/dev/null", "w", stderr)) /* libfuse says why it cannot mount; we do */
        _exit(1);
    struct fuse *fuse = fuse_new(&args, &operations, sizeof operations, &own);
    if (fuse && fuse_mount(fuse, directory) == 0) {
        if (fuse_set_signal_handlers(fuse_get_session(fuse)) == 0)
            code = fuse_loop(fuse);
        fuse_unmount(fuse);
    }
    _exit(code);
}

static bool is_mounted(const char *directory)
{
    char parent[256];
    struct stat here, above;
    int n = snprintf(parent, sizeof parent, "%s/..", directory);
    return n > 0 && (size_t)n < sizeof parent && stat(directory, &here) == 0 &&
           stat(parent, &above) == 0 && here.st_dev != above.st_dev;
}

pid_t lab_tsm_mount(const struct lab_tsm *t, const char *directory)
{
    const struct timespec a_moment = {0, 5 * 1000 * 1000};
    if (access("/dev/fuse", R_OK | W_OK) != 0)
        return 0;
    pid_t child = lab_process_fork();
    if (child == 0)
        serve(t, directory);
    for (int i = 0; i < 400 && lab_process_alive(child); i++) {
        if (is_mounted(directory))
            return child;
        nanosleep(&a_moment, NULL);
    }
    lab_process_stop(child);
    return 0;
}

void lab_tsm_unmount(pid_t process, const char *directory)
{
    lab_process_stop(process); /* it unmounts on SIGTERM */
    if (is_mounted(directory)) {
        const char *const argv[] = {"fusermount3", "-u", "-z", directory, NULL};
        lab_process_run(argv, NULL);
    }
}

#else

pid_t lab_tsm_mount(const struct lab_tsm *t, const char *directory)
{
    (void)t;
    (void)directory;
    return 0;
}

void lab_tsm_unmount(pid_t process, const char *directory)
{
    (void)directory;
    lab_process_stop(process);
}

#endif
