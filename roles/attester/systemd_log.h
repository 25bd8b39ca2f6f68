/*
 * systemd's log of its own measurements, /run/log/systemd/tpm2-measure.log (systemd 255 and later):
 * a JSON text sequence (RFC 7464) of records in the manner of TCG CEL-JSON, without recnum; see
 * systemd's docs/TPM2_PCR_MEASUREMENTS and systemd-pcrphase.service(8), "FILES".
 */
#ifndef SITUS_ATTESTER_SYSTEMD_LOG_H
#define SITUS_ATTESTER_SYSTEMD_LOG_H

#include "base/err.h"
#include "base/wr.h"
#include "model/registers.h"

#define SYSTEMD_LOG_PART "systemd log"

/* How many records became events, and how many measure into what no firmware's log has: an NV
 * index, PCR 16 to 23. */
struct systemd_log {
    size_t appended, elsewhere;
};

/*
 * systemd_log_append writes the records of PCR 0 to 15, in order, as events behind the firmware's
 * log. Each must have the digest of every bank which that log declares; one that is absent is
 * computed where those that are there are the hashes of the record's content.string. Every record
 * is read to its end: one that is cut, or does not say what was measured where, is an error at its
 * offset in the text, and nothing is written. Members that situs does not know are passed over.
 */
bool systemd_log_append(struct wr *w, const struct events *log, struct span text,
                        struct systemd_log *out, struct situs_err *err);

#endif
