/* The two logs of one boot, a TD's and a TPM's, for tests of what binds them. */
#ifndef SITUS_TESTS_LOG_PAIR_H
#define SITUS_TESTS_LOG_PAIR_H

#include "support/registers.h"

#include "appraise/measurements.h"

#define LOG_PAIR_ROWS 192

/* One event of a log to be. */
struct log_pair_row {
    uint32_t at; /* PCR, or RTMR */
    uint32_t type;
    uint8_t digest[48];
    struct span data;
    bool tpm_only; /* as the reference will say */
};

struct log_pair_log {
    struct log_pair_row row[LOG_PAIR_ROWS];
    size_t n;
};

/* A pair of logs of one boot, in which tests change rows; and the image of an honest one. */
struct log_pair {
    struct case_ c;
    struct log_pair_log tpm, td;
    struct reference image;
    struct boot_event lists[LOG_PAIR_ROWS];
    uint8_t pcr7[LOG_PAIR_ROWS][48];
    char pcr0[97];
    struct span pcr0_word;
    int64_t pcrs[16];
    size_t n_pcrs;
    uint32_t rtmrs; /* what log.rtmr is let explain */
    struct measurements out;
};

/* log_pair_start clears everything; the TPM will quote the guest's set (DESIGN: measurements,
 * 1). */
void log_pair_start(struct log_pair *p);

/* log_pair_add appends an event whose digest is the hash of measured. */
struct log_pair_row *log_pair_add(struct log_pair_log *l, uint32_t at, uint32_t type,
                                  struct span measured, struct span data);

/* log_pair_load appends the events of a log's SHA-384 bank, but for EV_NO_ACTION. */
void log_pair_load(struct log_pair_log *l, const struct events *log);

/* log_pair_td writes the TD's log of the boot whose TPM log this is, by firmware that measures to
 * both: TD HOB and CFV, then all but PCR 0, tpm_only rows and separators of PCR 1 and 3-6. */
void log_pair_td(struct log_pair *p);

/* log_pair_find is the first event of this register and type. */
struct log_pair_row *log_pair_find(struct log_pair_log *l, uint32_t at, uint32_t type);

/* log_pair_remove takes one out, log_pair_insert puts one before row i. */
void log_pair_remove(struct log_pair_log *l, size_t i);
void log_pair_insert(struct log_pair_log *l, size_t i, struct log_pair_row row);

/* log_pair_written is the rows as a log, in memory that the next call of the same kind
 * overwrites. */
struct events log_pair_written(const struct log_pair_log *l, enum log_kind kind);

/* log_pair_refer makes the image from both logs as they are: registers, lists, digests of PCR 7
 * that do not tell, PCR 0. The profile is the lab's. */
void log_pair_refer(struct log_pair *p);

/* log_pair_bound lets TD and TPM measure their rows, quotes them, replays both logs and compares.
 * True: log.rtmr, log.pcr, ref.guest and bind.measurements passed. */
bool log_pair_bound(struct log_pair *p);

/* log_pair_refused demands this failure of bind.measurements. */
void log_pair_refused(struct log_pair *p, enum situs_code code, const char *field);

#endif
