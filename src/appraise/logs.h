/*
 * Event logs against the registers that they must explain (DESIGN: measurements, 1). A log proves
 * nothing itself: once its replay equals a quoted register, the digests of that register's events
 * are as trustworthy as the quote.
 */
#ifndef SITUS_APPRAISE_LOGS_H
#define SITUS_APPRAISE_LOGS_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"
#include "model/registers.h"

/* The registers that a log leads to, in one bank. */
struct replay {
    enum hash hash;
    uint32_t extended; /* bit i: at least one event extended register i */
    size_t n;          /* events that were extended */
    size_t event;      /* how far in the log: where a replay that failed ended */
    uint8_t value[REGISTERS_MAX][HASH_MAX_SIZE];
};

/*
 * logs_replay extends the registers of mask by the events of a log, in order. EV_NO_ACTION extends
 * nothing. First values: zero; PCR 0 ends in the startup locality (PFP 1.06, 10.4.5.3); PCR 17-22
 * are all ones unless the log starts with a measured launch (PC Client Platform TPM Profile 1.05,
 * 4.6). False when the log has no bank of this hash, an event of mask has no digest in it, or
 * hashing fails.
 */
bool logs_replay(struct replay *r, const struct events *log, enum hash h, uint32_t mask);

/*
 * logs_check_rtmr decides log.rtmr: every RTMR of the policy's set equals the replay of the CCEL
 * (NULL: there is none). Returns the RTMRs that the log explains, bit i for RTMR i; 0 unless all
 * do.
 */
uint32_t logs_check_rtmr(struct findings *f, const struct policy *p, const struct claims *td,
                         const struct events *ccel);

/*
 * logs_check_pcr decides log.pcr: every PCR of the policy's set is quoted and equals the replay in
 * every quoted bank. quoted are values that tpm.pcrs found in the quote; log is NULL when there is
 * none. Returns the PCRs that the log explains in the SHA-384 bank; 0 unless all checks hold.
 */
uint32_t logs_check_pcr(struct findings *f, const struct policy *p, const struct registers *quoted,
                        const struct events *log);

/*
 * logs_check_launch decides log.launch: every PCR of the platform's quote equals the replay of the
 * launch log (NULL: there is none), and no PCR is without an event. quoted are values that tpm.pcrs
 * found in the quote. Returns the bank that the log explains, or NULL.
 */
const struct bank *logs_check_launch(struct findings *f, const struct registers *quoted,
                                     const struct events *log);

#endif
