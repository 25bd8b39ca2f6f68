/* One honest SEV-SNP guest on a chip of the lab's AMD, and what its verifier holds. Tests bend it and appraise it
 * through the public API. */
#ifndef SITUS_TESTS_SNP_GUEST_H
#define SITUS_TESTS_SNP_GUEST_H

#include "lab/amd/lab_snp.h"
#include "situs.h"

#define SNP_GUEST_AT INT64_C(1800000000)
#define SNP_GENUINE "{\"simulated\": true, \"tee\": [\"snp\"], \"require\": [\"genuine\"]}"

/* The lab: made once. */
struct snp_lab {
    struct lab_world *w;
    struct lab_snp amd;
    struct span ark, ask, asvk, trust;
};
void snp_lab_new(struct snp_lab *lab);
void snp_lab_free(struct snp_lab *lab);

/* The lab of a group of tests whose setup and teardown these are. */
extern struct snp_lab snp_lab;
int snp_lab_setup(void **state);
int snp_lab_teardown(void **state);

/* What is appraised, and by what; honest until bent. */
struct snp_guest {
    const struct snp_lab *lab;
    uint8_t report[LAB_SNP_REPORT];
    struct lab_snp_cert cert; /* of the key that signs */
    enum lab_snp_key signs;   /* the report, when resign is set */
    bool resign;              /* its bytes were bent before it was signed */
    struct span issuer, ark;  /* ASK or ASVK; empty: not given */
    struct span crl;          /* empty: none */
    struct span vek;          /* the certificate; empty: made of cert */
    bool no_vek, in_table;    /* no certificate is given; it comes behind the report */
    const char *policy;
    struct situs_item nonce, channel;
    int64_t at;
};

/* snp_guest_new is a guest that a whole appraisal trusts: genuine, by the chip's VCEK or the
 * provider's VLEK. */
struct snp_guest snp_guest_new(const struct snp_lab *lab, bool vlek);

/* snp_guest_set bends a byte of the report before it is signed. */
void snp_guest_set(struct snp_guest *g, size_t at, uint8_t value);

/* snp_guest_verify appraises it in memory of its own, until the next. */
const struct situs_result *snp_guest_verify(struct snp_guest *g);

/* snp_guest_table is the report with a certificate table behind it (AMD 56421, 4.1.8.1) of n
 * certificates, in the world's memory. */
struct span snp_guest_table(const struct snp_guest *g, const struct span *certs, size_t n);

#endif
