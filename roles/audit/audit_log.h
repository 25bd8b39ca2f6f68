/*
 * The audit log as it is written (PROTOCOLS: audit log). Beside PATH lies PATH-head, which says what the last line was:
 * whoever writes has it locked (flock(2)), so that two generations of a service make one chain, and a log that was cut
 * is told from one that is new.
 */
#ifndef SITUS_AUDIT_AUDIT_LOG_H
#define SITUS_AUDIT_AUDIT_LOG_H

#include "audit/audit_line.h"

#include <limits.h>
#include <sys/types.h>

#define AUDIT_BATCH 128 /* lines of one write */

/* The zero state is that of no log. */
struct audit_log {
    const char *path; /* NULL: none is kept */
    int64_t most;     /* bytes, above which the file is put aside: PATH.NUMBER, of its last line */
    int lock, file;   /* descriptors */
    dev_t device;     /* of file */
    ino_t inode;
    off_t size; /* of file, to the end of head */
    struct audit_head head;
    bool writes; /* between audit_log_begin and audit_log_end */
    struct wr lines;
    uint8_t room[AUDIT_BATCH * AUDIT_LINE];
};

/* audit_log_open begins or goes on with a log, and takes a torn last line away, which it says; path outlives it. False:
 * err; field head: the file ends before the line that was written last; noted, and those of audit_chain_add: it is longer,
 * and not the chain of that line. */
bool audit_log_open(struct audit_log *a, const char *path, int64_t most, struct situs_err *err);
void audit_log_close(struct audit_log *a);

/*
 * audit_log_begin locks the log; audit_log_add and audit_log_forget put a line behind it, AUDIT_BATCH at most; audit_log_end writes them, to
 * the disk, and unlocks. False: err, and none of them is in the log.
 */
bool audit_log_begin(struct audit_log *a, struct situs_err *err);
bool audit_log_add(struct audit_log *a, const struct audit_entry *e);
bool audit_log_forget(struct audit_log *a, const struct audit_forgotten *f);
bool audit_log_end(struct audit_log *a, bool ok, struct situs_err *err);

#endif
