/* Which collateral is wanted: what to ask a service for, and whether it is there. */
#ifndef SITUS_COLLATERAL_WANTED_H
#define SITUS_COLLATERAL_WANTED_H

#include "base/limits.h"
#include "base/span.h"
#include "situs.h"
#include "tee/amd/product.h"

struct wanted_info {
    bool tdx; /* else SGX */
    uint8_t fmspc[6];
};

/* Of AMD: the chain and the CRL of a family, and where a chip is told, its VCEK. */
struct wanted_amd {
    const struct product *product;
    bool vlek; /* of ASVK; else of ASK */
    bool vcek; /* that of chip and TCB, as in the report */
    uint8_t chip_id[64], tcb[8];
    bool has;         /* it is where the answers go: it never changes, and is not asked for again */
    struct span held; /* a VEK's certificate to be kept among the answers; empty: none */
};
#define WANTED_AMD 32

/* Of Intel's always with the root CA's CRL. Zero: nothing. */
struct wanted {
    struct wanted_info info[LIMIT_COLLATERAL_PARTS]; /* TCB infos */
    size_t n;
    bool sgx_qe, tdx_qe;              /* identities of quoting enclaves */
    bool platform_crl, processor_crl; /* of Intel's two CAs of PCK certificates */
    struct wanted_amd amd[WANTED_AMD];
    size_t n_amd;
};

/* wanted_of_intel says that something is. */
bool wanted_of_intel(const struct wanted *w);

/* wanted_vek is a VEK's certificate of these, as w->held would be; empty: none. */
struct span wanted_vek(const struct wanted_amd *w, const struct situs_snapshot *snapshot);

/* wanted_platform adds what quotes of one platform need. */
void wanted_platform(struct wanted *w, const struct wanted_info *platform, bool platform_ca);

/* wanted_product adds what reports of AMD's product need but for the certificate of their key: chain and CRL of the
 * ASK, or of the ASVK. */
void wanted_product(struct wanted *w, const struct product *product, bool vlek);

/* wanted_is_product says that AMD has a product of that name. */
bool wanted_is_product(struct span name);

/* wanted_by_evidence adds what a quote or report, or that of a bundle, needs. Nothing is verified:
 * the answers are. */
bool wanted_by_evidence(struct wanted *w, struct span evidence, struct situs_err *err);

/* wanted_again adds what a snapshot holds. */
void wanted_again(struct wanted *w, const struct situs_snapshot *snapshot);

/* wanted_met says that a snapshot holds all of it; else mismatch, with what is missing. */
bool wanted_met(const struct wanted *w, const struct situs_snapshot *snapshot,
                struct situs_err *err);

#endif
