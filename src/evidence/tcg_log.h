/*
 * The one reader of event logs: TCG crypto-agile logs (PC Client Platform Firmware Profile 1.06,
 * section 10), the CCEL of a confidential VM (UEFI 2.10, 38.4) and measured-launch logs (Intel TXT
 * Software Development Guide, appendix G), which all have the same form.
 */
#ifndef SITUS_EVIDENCE_TCG_LOG_H
#define SITUS_EVIDENCE_TCG_LOG_H

#include "base/arena.h"
#include "base/err.h"
#include "model/registers.h"

/*
 * tcg_log_read reads one log to its last byte; out borrows bytes, its event table is in the arena.
 * Every event has the digests that the header declares, of a TPM's log at least one of them. What
 * follows the last event must be padding: all 0x00 or all 0xff. A log without the Spec ID header
 * (SHA-1 only) is unsupported. Nothing is replayed or verified.
 */
bool tcg_log_read(struct events *out, struct span bytes, enum log_kind kind, const char *part,
                  struct arena *a, struct situs_err *err);

#endif
