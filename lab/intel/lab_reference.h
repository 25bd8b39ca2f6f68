/* Guest references as policies have them (situs-policy(5), ref.guest), of the lab's images. */
#ifndef SITUS_LAB_INTEL_REFERENCE_H
#define SITUS_LAB_INTEL_REFERENCE_H

#include "lab/intel/lab_buf.h"

/* One event of an image's boot in the TPM. PCR 7's are those that its content does not tell. */
struct lab_reference_event {
    uint8_t pcr;
    bool tpm_only;
    uint8_t digest[48];
};

/* lab_closed writes the member "closed", with every point stated by this party. */
void lab_closed(struct lab_buf *b, const char *by);

/* lab_reference writes one image of ref.guest, of the lab's firmware: with the lists of its n
 * events and systemd's tail in PCR 11, or without lists and firmware when n is 0. */
void lab_reference(struct lab_buf *b, const char *name, struct span mrtd, const uint8_t rtmr[4][48],
                   const struct lab_reference_event *v, size_t n);

#endif
