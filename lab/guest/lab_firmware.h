/*
 * The firmware of a confidential VM that measures its boot twice, as Google's does: into the TD's
 * RTMRs, with the CC event log (CCEL), and into the vTPM's PCRs, with the TCG log. Which event goes
 * where is firmware profile "lab" of src/model/profiles.def (DESIGN: measurements; UEFI 2.10,
 * 38.4.1): RTMR0 is PCR 7 and PCR 1, RTMR1 is PCR 2-6, RTMR2 is PCR 8-15.
 */
#ifndef SITUS_LAB_GUEST_FIRMWARE_H
#define SITUS_LAB_GUEST_FIRMWARE_H

#include "lab/platform/lab_cpu.h"
#include "lab/tpm/lab_soft_tpm.h"

/* What is measured into only one of both. */
#define LAB_NO_RTMR 0xff
#define LAB_NO_PCR 0xff

/* One event of a boot. measured is hashed; data is what the logs say beside it. */
struct lab_boot_event {
    uint8_t rtmr, pcr;
    uint32_t type;
    struct span measured, data;
};

/* A boot, in its order, with the firmware that MRTD measures. */
#define LAB_BOOT_EVENTS 64
struct lab_boot {
    struct span firmware;
    struct lab_boot_event event[LAB_BOOT_EVENTS];
    size_t n;
};

/* lab_firmware_boot is the boot of the approved image: a unified kernel image on a disk, Secure
 * Boot on, kernel, command line and initrd all measured into RTMR2. */
struct lab_boot lab_firmware_boot(void);

/* lab_firmware_add appends an event; lab_firmware_find is the first with this data. */
void lab_firmware_add(struct lab_boot *b, struct lab_boot_event e);
struct lab_boot_event *lab_firmware_find(struct lab_boot *b, const char *data);

/* lab_firmware_reference writes the image's guest reference (lab_reference.h) for the registers of
 * a TD that booted it. */
void lab_firmware_reference(struct lab_buf *b, const char *name, const struct lab_boot *boot,
                            const struct lab_td_report *r);

/* lab_firmware_into_td measures the boot into a TD and writes the CCEL. */
void lab_firmware_into_td(const struct lab_boot *b, struct lab_td *td, struct lab_buf *ccel);

/* lab_firmware_into_tpm measures it into a TPM and writes the TCG log. */
void lab_firmware_into_tpm(const struct lab_boot *b, const struct lab_swtpm *t,
                           struct lab_buf *log);

/* lab_firmware_into_soft is the same into a TPM in software. */
void lab_firmware_into_soft(const struct lab_boot *b, struct lab_soft_tpm *t, struct lab_buf *log);

#endif
