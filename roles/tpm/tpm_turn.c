/*
 * Turns at a TPM; see tpm_tss.h. A TPM without a resource manager has room for three objects, and
 * whoever opens it flushes what others left: so one program at a time, by a lock on one byte of a
 * file that all share. The byte stands for the TPM; the lock ends with the process that holds it.
 */
#include "tpm/tpm_tss.h"

#include "base/rd.h"
#include "crypto/digest.h"
#include "frame/out.h"
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK "situs-tpm.lock"

/* The kernel's resource manager and the device below it are one TPM. */
static off_t byte_of(const char *tcti)
{
    static const char managed[] = "device:/dev/tpmrm", plain[] = "device:/dev/tpm";
    struct situs_err ignored = {0};
    uint8_t hash[32] = {0};
    size_t n = sizeof managed - 1;
    bool kernel = strncmp(tcti, managed, n) == 0;
    digest2(HASH_SHA256, span_text(kernel ? plain : ""), span_text(kernel ? tcti + n : tcti), hash);
    struct rd r = rd_new(SPAN_ARR(hash), 0, "", &ignored);
    return (off_t)(rd_u64le(&r, "") >> 2);
}

/* Every user of the TPM may lock it. What is there is opened before anything is made: the kernel
 * lets nobody "create" what another user owns in a directory that all may write
 * (protected_regular). */
static int open_at(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd >= 0)
            (void)!fchmod(fd, 0666);
        else if (errno == EEXIST) /* another made it between the two */
            fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    }
    if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
        return fd;
    close(fd);
    return -1;
}

bool tpm_turn_take(const char *tcti, int64_t patience, int *turn, struct situs_err *err)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte_of(tcti), .l_len = 1};
    int64_t until = wire_now() + patience;
    bool waited = false;
    *turn = open_at("/run/lock/" LOCK);
    if (*turn < 0)
        *turn = open_at("/tmp/" LOCK);
    if (*turn < 0)
        return true; /* nowhere to lock: one program at a time is the machine's to see to */
    while (fcntl(*turn, F_OFD_SETLK, &lock) != 0) {
        uint8_t some = 0;
        if (errno != EINTR && errno != EAGAIN && errno != EACCES)
            return true;
        if (wire_now() >= until) {
            tpm_turn_end(turn);
            err_fail(err, SITUS_BUSY, TPM_PART, "turn", SITUS_NO_OFFSET, "a turn in time",
                     "others before us");
            return err_hint(err, "others use this TPM; try again in a moment");
        }
        if (!waited)
            out_step("tpm: another program has its turn");
        waited = true;
        if (getrandom(&some, 1, 0) != 1) /* whose look comes first is chance */
            some = 128;
        usleep(3000 + 40 * (useconds_t)some);
    }
    return true;
}

void tpm_turn_end(int *turn)
{
    if (*turn >= 0)
        close(*turn);
    *turn = -1;
}
