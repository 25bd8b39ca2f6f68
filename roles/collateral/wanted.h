/* Which collateral is wanted: what to ask a service for, and whether it is there. */
#ifndef SITUS_COLLATERAL_WANTED_H
#define SITUS_COLLATERAL_WANTED_H

#include "base/limits.h"
#include "base/span.h"
#include "situs.h"

struct wanted_info {
    bool tdx; /* else SGX */
    uint8_t fmspc[6];
};

/* Always with the root CA's CRL. Zero: nothing else. */
struct wanted {
    struct wanted_info info[LIMIT_COLLATERAL_PARTS]; /* TCB infos */
    size_t n;
    bool sgx_qe, tdx_qe;              /* identities of quoting enclaves */
    bool platform_crl, processor_crl; /* of Intel's two CAs of PCK certificates */
};

/* wanted_platform adds what quotes of one platform need. */
void wanted_platform(struct wanted *w, const struct wanted_info *platform, bool platform_ca);

/* wanted_by_evidence adds what a quote, or the quote of a bundle, needs. Nothing is verified: the
 * answers are. */
bool wanted_by_evidence(struct wanted *w, struct span evidence, struct situs_err *err);

/* wanted_again adds what a snapshot holds. */
void wanted_again(struct wanted *w, const struct situs_snapshot *snapshot);

/* wanted_met says that a snapshot holds all of it; else mismatch, with what is missing. */
bool wanted_met(const struct wanted *w, const struct situs_snapshot *snapshot,
                struct situs_err *err);

#endif
