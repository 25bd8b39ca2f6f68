/* The two logs of one boot, a TD's and a TPM's, for tests of what binds them. */
#ifndef SITUS_TESTS_LOG_PAIR_H
#define SITUS_TESTS_LOG_PAIR_H

#include "support/registers.h"

#include "appraise/measurements.h"

#define LOG_PAIR_ROWS 96

/* One event of the vTPM's log to be. */
struct log_pair_row {
    uint32_t pcr, type;
    uint8_t digest[48];
    struct span data;
};

/* A pair of logs of one boot, in which tests change rows of the TPM side. */
struct log_pair {
    struct case_ c;
    struct events ccel;
    struct log_pair_row row[LOG_PAIR_ROWS];
    size_t n;
    struct reference image;
    struct span profile;
    int64_t pcrs[16];
    size_t n_pcrs;
    uint32_t rtmrs;
    struct measurements out;
};

/* log_pair_start clears everything; the TPM will quote the guest's set (docs/DESIGN.md 4). */
void log_pair_start(struct log_pair *p);

/* log_pair_add appends an event whose digest is the hash of measured. */
struct log_pair_row *log_pair_add(struct log_pair *p, uint32_t pcr, uint32_t type,
                                  struct span measured, struct span data);

/* log_pair_find is the first event of this register and type. */
struct log_pair_row *log_pair_find(struct log_pair *p, uint32_t pcr, uint32_t type);

/* log_pair_remove takes one out. */
void log_pair_remove(struct log_pair *p, struct log_pair_row *row);

/* log_pair_measure lets a TD measure the CCEL; its registers are the image's. */
void log_pair_measure(struct log_pair *p);

/* log_pair_bound lets a TPM measure the rows, quotes it, replays both logs and compares. True: the
 * check passed. */
bool log_pair_bound(struct log_pair *p);

/* log_pair_refused demands this failure. */
void log_pair_refused(struct log_pair *p, enum situs_code code, const char *field);

#endif
