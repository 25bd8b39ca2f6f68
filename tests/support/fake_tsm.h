/* A TD for tests, behind the attester's file calls: configfs-tsm and the TD's device, with quotes
 * by the lab's Intel; or an SEV-SNP guest on a chip of its AMD. */
#ifndef SITUS_TESTS_FAKE_TSM_H
#define SITUS_TESTS_FAKE_TSM_H

#include "attester/tsm.h"
#include "lab/amd/lab_snp_guest.h"
#include "lab/intel/lab_intel.h"

struct fake_tsm {
    struct tsm_files files; /* what the attester gets */
    struct lab_world *world;
    struct lab_quote quote;          /* the TD; report data is filled in */
    const char *qgs;                 /* the quoting service's socket; NULL: quotes are made here */
    const struct lab_snp_guest *snp; /* NULL: the TD */
    unsigned floor, level; /* privilege levels: the guest's, and the one that was asked for */
    const char *provider;
    uint64_t generation;
    const char *before_generation; /* NULL: nothing stands before the number */
    unsigned strangers;            /* so many times somebody else writes between ours */
    bool other_report_data;        /* the quote is over other report data */
    bool has_device;               /* the TD's own report can be read */
    uint8_t device_rtmr3;          /* first byte of RTMR3 there */
    const char *failing;           /* this file cannot be used: EIO */
    uint8_t inblob[64];
    bool wrote;
    int entries, made; /* entries that exist, and that ever did */
    char left[8][64];  /* names that others made and that exist; empty: none */
};

/* fake_tsm_init is an honest TD of the machine 0; fake_tsm_snp makes it this guest. */
void fake_tsm_init(struct fake_tsm *t, struct lab_world *w);
void fake_tsm_snp(struct fake_tsm *t, const struct lab_snp_guest *guest);

#endif
