/*
 * The attestation report of AMD SEV-SNP, versions 2, 3 and 5, and the certificate table that a host may send with
 * it. Sources: SEV Secure Nested Paging Firmware ABI Specification (AMD 56860, 1.58), table 23 and 10.8;
 * SEV-ES Guest-Hypervisor Communication Block (AMD 56421, 2.03), 4.1.8.1.
 */
#ifndef SITUS_TEE_AMD_SNP_REPORT_H
#define SITUS_TEE_AMD_SNP_REPORT_H

#include "base/err.h"
#include "model/claims.h"

#define SNP_REPORT_SIZE 1184
#define SNP_CERTS 8 /* certificates and CRLs of one table */

struct snp_report {
    uint32_t version;        /* 2, 3, 5 */
    bool vlek;               /* SIGNING_KEY: signed by a provider's VLEK; else by the chip's VCEK */
    struct span whole;       /* the report, SNP_REPORT_SIZE bytes */
    struct span signed_part; /* all before the signature */
    uint8_t r[48], s[48];    /* of the signature, big-endian */
    size_t padding;          /* zero bytes after report or table */
    struct span certs[SNP_CERTS]; /* DER, of the table */
    size_t n_certs;
};

/*
 * snp_report_read reads one report, and behind it a certificate table, zero bytes (counted), or
 * nothing. Reserved bytes that are not zero, another version and another algorithm are refused.
 * Entries of a table that name no certificate of AMD's are passed over; every entry lies inside it.
 */
bool snp_report_read(struct snp_report *r, struct span bytes, struct situs_err *err);

/* snp_report_is says that bytes begin as a report does: its version, and the algorithm at 034h. */
bool snp_report_is(struct span bytes);

/* snp_report_claims states what it says, but for CHIP_ID, which the key that signed must bear out. */
void snp_report_claims(const struct snp_report *r, struct claims *c);

/* Fields of the report as bytes (table 23). */
static inline struct span snp_field(const struct snp_report *r, size_t at, size_t size)
{
    return span_cut(r->whole, at, size);
}
#define SNP_POLICY(r) snp_field(r, 0x008, 8)
#define SNP_PLATFORM_INFO(r) snp_field(r, 0x040, 8)
#define SNP_CURRENT_TCB(r) snp_field(r, 0x038, 8)
#define SNP_REPORT_DATA(r) snp_field(r, 0x050, 64)
#define SNP_REPORTED_TCB(r) snp_field(r, 0x180, 8)
#define SNP_CHIP_ID(r) snp_field(r, 0x1a0, 64)
#define SNP_COMMITTED_TCB(r) snp_field(r, 0x1e0, 8)
#define SNP_LAUNCH_TCB(r) snp_field(r, 0x1f0, 8)
#define SNP_LAUNCH_MIT_VECTOR(r) snp_field(r, 0x1f8, 8)
#define SNP_CURRENT_MIT_VECTOR(r) snp_field(r, 0x200, 8)

/* snp_u64 is 8 bytes as the number that they are, little-endian. */
static inline uint64_t snp_u64(struct span s)
{
    uint64_t v = 0;
    for (size_t i = s.n; i > 0; i--)
        v = v << 8 | s.p[i - 1];
    return v;
}

#endif
