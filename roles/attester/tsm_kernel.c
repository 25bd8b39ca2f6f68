/* The kernel's files behind tsm.h. */
#include "attester/tsm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* TDX_CMD_GET_REPORT0: struct tdx_report_req is reportdata[64] and tdreport[1024]
 * (Linux include/uapi/linux/tdx-guest.h). */
#define REPORT_REQUEST (64 + TSM_REPORT_SIZE)
#define GET_REPORT0 _IOWR('T', 1, uint8_t[REPORT_REQUEST])

static int make_dir(void *context, const char *path)
{
    (void)context;
    return mkdir(path, 0700) == 0 ? 0 : -errno;
}

static int remove_dir(void *context, const char *path)
{
    (void)context;
    return rmdir(path) == 0 ? 0 : -errno;
}

/* A binary attribute takes its value in one write. */
static int write_file(void *context, const char *path, struct span bytes)
{
    (void)context;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = write(fd, bytes.p, bytes.n);
    int why = n < 0 ? -errno : n != (ssize_t)bytes.n ? -EIO : 0;
    /* configfs hands a binary attribute over at close, and that can fail */
    return close(fd) != 0 && why == 0 ? -errno : why;
}

static ssize_t read_file(void *context, const char *path, uint8_t *out, size_t size)
{
    (void)context;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t have = 0;
    ssize_t n = 1;
    while (n > 0 && have < size) {
        n = read(fd, out + have, size - have);
        have += n > 0 ? (size_t)n : 0;
    }
    ssize_t why = n < 0 ? -errno : (ssize_t)have;
    uint8_t more;
    if (n > 0 && read(fd, &more, 1) != 0)
        why = -EFBIG;
    close(fd);
    return why;
}

static int list(void *context, const char *path, void (*visit)(void *visitor, const char *name),
                void *visitor)
{
    (void)context;
    DIR *d = opendir(path);
    if (!d)
        return -errno;
    for (const struct dirent *e; (e = readdir(d));)
        visit(visitor, e->d_name);
    closedir(d);
    return 0;
}

static int get_report(void *context, const char *device, const uint8_t data[64],
                      uint8_t out[TSM_REPORT_SIZE])
{
    (void)context;
    uint8_t request[REPORT_REQUEST] = {0};
    int fd = open(device, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    memcpy(request, data, 64);
    int why = ioctl(fd, GET_REPORT0, request) == 0 ? 0 : -errno;
    close(fd);
    memcpy(out, request + 64, TSM_REPORT_SIZE);
    return why;
}

static const struct tsm_files kernel = {NULL,      make_dir, remove_dir, write_file,
                                        read_file, list,     get_report};

const struct tsm_files *tsm_kernel(void)
{
    return &kernel;
}
