/*
 * Writing the lists of a guest reference from an honest boot (DESIGN: measurements, 9). The logs
 * must have been found to explain what was quoted. What a log calls an event helps to write; a
 * person reads the result, and reading it back asks no label.
 */
#ifndef SITUS_APPRAISE_BOOT_REFER_H
#define SITUS_APPRAISE_BOOT_REFER_H

#include "base/arena.h"
#include "base/err.h"
#include "model/policy.h"

/* One boot, and what its reference shall leave open. */
struct boot_refer {
    const struct events *tcg, *ccel; /* each with a SHA-384 bank */
    bool rtmr1_open;                 /* RTMR1 is what the lists lead to */
    bool gpt_open;                   /* the partition table too */
};

/*
 * boot_refer_write fills the lists, tails, digests of PCR 7 and what is open of a reference whose
 * profile is set. Failures to leave boot services are left out, and RTMR1 is open then; the phases
 * of systemd that end PCR 11 go into its tail. An event of RTMR1 or RTMR2 that the TPM did not
 * measure, or no one event for the open partition table, is missing.
 */
bool boot_refer_write(struct reference *r, const struct boot_refer *boot, struct arena *a,
                      struct situs_err *err);

#endif
