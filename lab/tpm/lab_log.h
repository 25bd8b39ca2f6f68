/* Event logs as firmware writes them: TCG crypto-agile form (TCG PC Client Platform Firmware
 * Profile 1.06, section 10), which the CCEL and launch logs share. */
#ifndef SITUS_LAB_TPM_LOG_H
#define SITUS_LAB_TPM_LOG_H

#include "crypto/digest.h"
#include "lab/intel/lab_buf.h"

/* lab_log_start writes the header, which declares the banks. */
void lab_log_start(struct lab_buf *log, const enum hash *banks, size_t n);

/* lab_log_event writes an event whose digests are the hashes of measured; data is what the log says
 * beside them. */
void lab_log_event(struct lab_buf *log, const enum hash *banks, size_t n, uint32_t index,
                   uint32_t type, struct span measured, struct span data);

#endif
