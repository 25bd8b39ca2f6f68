/*
 * A TPM log against the lists of a guest reference (DESIGN: measurements, 2 and 3): the reference
 * says where each event belongs; labels never decide. The order of the log across registers is
 * signed by nothing: it is a witness of how the lists merge into an RTMR's, and the RTMR decides.
 */
#ifndef SITUS_APPRAISE_BOOT_WALK_H
#define SITUS_APPRAISE_BOOT_WALK_H

#include "appraise/event_list.h"
#include "model/policy.h"

#define BOOT_WALK_RETRIES 8 /* failures to leave boot services in one boot */

struct boot_walk {
    struct event_list rtmr1, rtmr2; /* what TD and TPM both measured, in the log's order */
    size_t tpm_only;
    const struct event *gpt; /* the partition table, where it is open and another; else NULL */

    /* Where it stopped. */
    uint32_t pcr;
    size_t at;                         /* number of the event; log->n: one is missing */
    const struct boot_event *expected; /* NULL: no more events */
};

/* What walks of one log by several references remember from each to the next: whether the event
 * last taken for a partition table is the hash of its data, which may be a MiB. */
struct boot_walk_asked {
    const struct event *gpt; /* NULL: none was asked for yet */
    bool hashed;
};

/*
 * boot_walk_run walks a log that has a SHA-384 bank. True: each register's events are its list's,
 * entry for entry, then an in-order prefix of its tail. Up to eight failures to leave boot services
 * may stand before the last pair of a list, and an open partition table may have another digest,
 * that of its complete data. asked begins as zero.
 */
bool boot_walk_run(struct boot_walk *w, const struct reference *r, const struct events *log,
                   struct boot_walk_asked *asked);

/* boot_separator is the digest of the only good separator, SHA-384 of four zero bytes (PFP 1.06,
 * 10.4.1). */
extern const uint8_t boot_separator[48];

/* boot_walk_exit says which event of leaving boot services a digest is (PFP 1.06, 10.4.1:
 * EV_EFI_ACTION). */
enum boot_exit { BOOT_EXIT_NONE, BOOT_EXIT_INVOCATION, BOOT_EXIT_SUCCESS, BOOT_EXIT_FAILURE };
enum boot_exit boot_walk_exit(struct span digest);

/* boot_walk_gpt says that data is a whole UEFI_GPT_DATA. */
bool boot_walk_gpt(struct span data);

#endif
