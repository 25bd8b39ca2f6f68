/*
 * Quotes of TDs and reports of SEV-SNP guests from the kernel's configfs-tsm (Linux
 * Documentation/ABI/testing/configfs-tsm-report), and the TD's own report from the tdx_guest device
 * (Linux Documentation/virt/coco/tdx-guest.rst). The file calls are a table, so that a lab without
 * /dev/fuse can stand behind them.
 */
#ifndef SITUS_ATTESTER_TSM_H
#define SITUS_ATTESTER_TSM_H

#include "base/err.h"
#include "base/span.h"
#include "model/finding.h"

#include <sys/types.h>

#define TSM_PART "tsm"
#define TSM_REPORT_ROOT "/sys/kernel/config/tsm/report"
#define TSM_TD_DEVICE "/dev/tdx_guest"
#define TSM_REPORT_SIZE 1024 /* TDREPORT_STRUCT */

/* The calls give -errno on failure. read reads a whole file of at most size bytes. report is
 * TDX_CMD_GET_REPORT0. */
struct tsm_files {
    void *context;
    int (*make_dir)(void *context, const char *path);
    int (*remove_dir)(void *context, const char *path);
    int (*write)(void *context, const char *path, struct span bytes);
    ssize_t (*read)(void *context, const char *path, uint8_t *out, size_t size);
    /* list visits the names in a directory; visit may remove the one that it gets. */
    int (*list)(void *context, const char *path, void (*visit)(void *visitor, const char *name),
                void *visitor);
    int (*report)(void *context, const char *device, const uint8_t data[64],
                  uint8_t out[TSM_REPORT_SIZE]);
};

/* tsm_kernel is the kernel's files. */
const struct tsm_files *tsm_kernel(void);

/* What the kernel's provider answered. Zero: nothing yet. */
struct tsm_answer {
    enum check_kind tee; /* of which kind of TEE (model/tees.def) */
    uint8_t *bytes;      /* the caller's; room for them */
    size_t room, size;
};

/*
 * tsm_ask asks for a quote or report over 64 bytes of report data: an own entry below root, inblob,
 * outblob, and the generation before and after, which says whether somebody else wrote between;
 * then it starts over, three times at most. Of SEV-SNP it asks at the least privilege level that
 * this guest may use (privlevel_floor), and the host's certificate table (auxblob), where there is
 * one, follows the report. The entry is removed, and so are those that killed attesters left.
 */
bool tsm_ask(const struct tsm_files *files, const char *root, const uint8_t report_data[64],
             struct tsm_answer *answer, struct situs_err *err);

/*
 * tsm_report reads the TD's own report. *there is false, and nothing fails, when this guest has no
 * such device.
 */
bool tsm_report(const struct tsm_files *files, const char *device, const uint8_t report_data[64],
                uint8_t out[TSM_REPORT_SIZE], bool *there, struct situs_err *err);

/* tsm_quote_is_ours says that a TD quote's body holds this report data and, when report is not
 * NULL, every measurement of the TD's own report. */
bool tsm_quote_is_ours(struct span quote, const uint8_t report_data[64], const uint8_t *report,
                       struct situs_err *err);

/* tsm_snp_is_ours says that an attestation report reads, with its table, and holds this report data. Another guest's
 * cannot come: firmware and guest talk under a key that the host has not (AMD 56860, 7). */
bool tsm_snp_is_ours(struct span evidence, const uint8_t report_data[64], struct situs_err *err);

#endif
