/*
 * A chip of the lab's AMD, and the guests on it: what its firmware keeps of a guest, and the report that it makes for
 * one (AMD 56860, 7.3, SNP_GUEST_REQUEST), with the certificate table that the host sends beside it (56421, 4.1.8.1).
 */
#ifndef SITUS_LAB_AMD_LAB_SNP_GUEST_H
#define SITUS_LAB_AMD_LAB_SNP_GUEST_H

#include "lab/amd/lab_snp.h"

struct lab_snp_chip {
    const struct lab_snp *amd;
    struct lab_snp_cert vcek;
};

/* lab_snp_chip_new is chip n of LAB_SNP_CHIPS. */
struct lab_snp_chip lab_snp_chip_new(const struct lab_snp *amd, unsigned n);

struct lab_snp_guest {
    const struct lab_snp_chip *chip;
    enum lab_snp_key signs; /* the chip's VCEK */
    uint8_t
        report[LAB_SNP_REPORT]; /* but for REPORT_DATA and the signature; its bytes may be bent */
    struct span table;          /* that its host sends: VCEK, ASK, ARK */
};

/* lab_snp_guest_launch starts a guest whose initial memory has this digest, by an honest policy, on a chip. */
struct lab_snp_guest lab_snp_guest_launch(const struct lab_snp_chip *chip,
                                          const uint8_t measurement[48]);

/* lab_snp_guest_report is the guest's report over its 64 bytes. */
void lab_snp_guest_report(const struct lab_snp_guest *g, const uint8_t report_data[64],
                          uint8_t report[LAB_SNP_REPORT]);

/* lab_snp_guest_evidence is that report with the table behind it, in the world's memory. */
struct span lab_snp_guest_evidence(const struct lab_snp_guest *g, const uint8_t report_data[64]);

#endif
