/*
 * What the running system measured after the firmware's log ended, as events behind that log: the
 * kernel's file stops where the firmware stops, and registers go on. Events have the digests of the
 * banks that the log declares, and EV_IPL as type; a verifier asks for neither type nor data.
 */
#ifndef SITUS_ATTESTER_LOG_TAIL_H
#define SITUS_ATTESTER_LOG_TAIL_H

#include "base/err.h"
#include "base/wr.h"
#include "model/registers.h"

#define LOG_TAIL_PCR 11   /* systemd-pcrphase.service(8) */
#define LOG_TAIL_WORDS 32 /* that may be given */

/* log_tail_event writes one event (PFP 1.06, 10.2.2); digests by the log's banks. */
void log_tail_event(struct wr *w, const struct events *log, uint32_t pcr,
                    const uint8_t (*digests)[HASH_MAX_SIZE], struct span data);

/*
 * log_tail_phases writes those of the words, from the first on and in order, whose extension leads
 * the log to the quoted PCR 11 in every quoted bank; *n becomes how many, 0 too where the log alone
 * does or where PCR 11 is not quoted. False when no number does, or the log lacks a quoted bank:
 * nothing is written then.
 */
bool log_tail_phases(struct wr *w, const struct events *log, const struct registers *quoted,
                     const struct span *words, size_t *n);

/* log_tail_unexplained is the quoted registers (bit i: PCR i) to which the log does not lead, in
 * any bank; all those of a bank that the log lacks. */
uint32_t log_tail_unexplained(const struct events *log, const struct registers *quoted);

#endif
