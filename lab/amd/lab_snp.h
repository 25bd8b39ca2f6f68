/*
 * The lab's AMD: an own ARK, ASK and ASVK, and the keys of some chips and of one provider, that sign the same bytes
 * as the real ones (AMD 56860, table 23; 57230, 3). Nothing but the trust anchor tells them from real evidence.
 * RSA keys have 2048 bits, AMD's 4096: nobody waits for those.
 */
#ifndef SITUS_LAB_AMD_LAB_SNP_H
#define SITUS_LAB_AMD_LAB_SNP_H

#include "lab/intel/lab_world.h"

#define LAB_SNP_REPORT 1184

/* Who holds a key. */
enum lab_snp_key {
    LAB_SNP_ARK,
    LAB_SNP_ASK,
    LAB_SNP_ASVK,
    LAB_SNP_VLEK,
    LAB_SNP_IMPOSTOR, /* somebody else's, on P-384 */
    LAB_SNP_VCEK,     /* of chip 0, and those of the others behind it */
    LAB_SNP_CHIPS = 6,
    LAB_SNP_KEYS = LAB_SNP_VCEK + LAB_SNP_CHIPS
};

/* What is made when it is first asked for: most attacks need no AMD, and RSA keys take long to find. */
struct lab_snp_made {
    EVP_PKEY *key[LAB_SNP_KEYS];
    struct span issuer[LAB_SNP_ASVK + 1]; /* certificates, DER */
};

struct lab_snp {
    struct lab_world *w;
    struct lab_snp_made *made;
};

/* Free with lab_snp_free. */
struct lab_snp lab_snp_new(struct lab_world *w);
void lab_snp_free(struct lab_snp *s);

EVP_PKEY *lab_snp_key(const struct lab_snp *s, enum lab_snp_key key);

/* One certificate of a VCEK or VLEK, honest until bent. */
struct lab_snp_cert {
    bool vlek;
    const char *name;    /* its common name */
    const char *product; /* "Milan-B0" */
    int level[5];        /* fmc, bootloader, tee, snp, microcode; -1: not said */
    uint8_t chip[64];
    size_t chip_size;             /* 0: no hwID */
    const char *csp;              /* NULL: no CSP_ID */
    enum lab_snp_key key, signer; /* whose key it is, and who signs */
    int64_t from, to;
};

/* lab_snp_vcek and lab_snp_vlek are honest certificates for lab_snp_report; lab_snp_cert makes one. */
struct lab_snp_cert lab_snp_vcek(const struct lab_snp *s);
struct lab_snp_cert lab_snp_vlek(const struct lab_snp *s);
struct span lab_snp_cert(const struct lab_snp *s, const struct lab_snp_cert *c);

/* lab_snp_issuer is the certificate of ARK, ASK or ASVK, DER. */
struct span lab_snp_issuer(const struct lab_snp *s, enum lab_snp_key key);

/* lab_snp_keep takes the ARK that was written to these PEM files before, certificate and key, or writes this one's: what
 * was shown under it another day still verifies. Nothing is made yet. */
void lab_snp_keep(struct lab_snp *s, const char *key_path, const char *cert_path);

/* Serial numbers of ASK and ASVK. */
#define LAB_SNP_ASK_SERIAL 65537
#define LAB_SNP_ASVK_SERIAL 65538

/* lab_snp_crl is the ARK's CRL, DER; serial 0 revokes none. issuer is the ARK's certificate. */
struct span lab_snp_crl(const struct lab_snp *s, struct span issuer, long serial);

/* lab_snp_report is an honest report of a Milan, version 3, signed by the VCEK's key. Its bytes may be
 * bent, and lab_snp_sign signs them anew. */
void lab_snp_report(const struct lab_snp *s, uint8_t report[LAB_SNP_REPORT]);
void lab_snp_sign(const struct lab_snp *s, enum lab_snp_key key, uint8_t report[LAB_SNP_REPORT]);

/* lab_snp_table is a certificate table (AMD 56421, 4.1.8.1) of n certificates or CRLs. */
struct span lab_snp_table(const struct lab_snp *s, const struct span *certs, size_t n);

/* lab_snp_anchor is the ARK of this certificate as an anchor of a trust file, lab_snp_trust a trust file with it. */
struct span lab_snp_anchor(const struct lab_snp *s, struct span ark);
struct span lab_snp_trust(const struct lab_snp *s, struct span ark);

#endif
