/*
 * The log of the running system's measurements, held against its writer: who extends a register and
 * appends to the log has LOCK_EX on it meanwhile (flock(2); systemd-pcrphase.service(8), "FILES"),
 * so while a lock is held here, log and registers stay as they are and a quote fits the log. It is
 * LOCK_EX here too: shared locks of many askers, one over the other, would keep the writer waiting
 * for ever, and with it the system's boot or end.
 */
#ifndef SITUS_ATTESTER_RUNNING_LOG_H
#define SITUS_ATTESTER_RUNNING_LOG_H

#include "base/arena.h"
#include "base/err.h"

#define RUNNING_LOG_WAIT 20000 /* milliseconds for the lock; each holds it for a command or two */

struct running_log {
    int fd;
    struct span text; /* in the arena */
    bool marked;      /* its writer died between register and record, or could not extend */
};

/* running_log_hold locks and reads the log; release it after the quote, also after a failure. */
bool running_log_hold(struct running_log *r, const char *path, int wait, struct arena *a,
                      struct situs_err *err);
void running_log_release(struct running_log *r);

#endif
