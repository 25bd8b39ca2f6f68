/* The rows of an attestation report: snp.signature, snp.vek-chain, snp.tcb, snp.attributes. */
#ifndef SITUS_TEE_AMD_SNP_VERIFY_H
#define SITUS_TEE_AMD_SNP_VERIFY_H

#include "model/finding.h"
#include "model/policy.h"
#include "tee/amd/amd_collateral.h"
#include "tee/amd/snp_report.h"

struct hot_keys;

/* What a report is held against. */
struct snp_question {
    const struct trust *trust;
    const struct amd_collateral *collateral; /* NULL: none but the report's own table */
    const struct x509_crls *crls;            /* of others; NULL: none */
    struct hot_keys *hot;                    /* NULL: uses of keys are not counted */
    const struct policy *policy;
    int64_t at;
};

/*
 * snp_verify decides vek-chain and signature, states what the VEK's certificate says, and sets the
 * authority where both hold. The certificate is the collateral's, or that of the report's table,
 * whose TCB and chip are the report's; of several the one under which the signature holds. CHIP_ID
 * is stated only under a VCEK of that chip. Returns a word about CRLs, or NULL.
 */
const char *snp_verify(const struct snp_report *r, const struct snp_question *q, struct arena *a,
                       struct claims *c, struct findings *f);

/* snp_tcb_check decides the tcb row by the claims of a verified report (DESIGN: TCB of SEV-SNP). */
void snp_tcb_check(const struct snp_report *r, const struct policy *p, const struct claims *c,
                   struct findings *f);

/* snp_attributes_check decides the attributes row. */
void snp_attributes_check(const struct snp_report *r, const struct policy *p, struct findings *f);

#endif
