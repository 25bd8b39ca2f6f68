/*
 * bind.measurements: TD and TPM measured the same boot (docs/DESIGN.md 5). Register values never
 * agree, as RTMRs and PCRs group events differently; so the events' SHA-384 digests are compared,
 * each list authenticated by the registers that it replays to.
 */
#ifndef SITUS_APPRAISE_MEASUREMENTS_H
#define SITUS_APPRAISE_MEASUREMENTS_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"
#include "model/profiles.h"
#include "model/registers.h"

/* A log, and the registers that it was found to explain in the SHA-384 bank (logs.h). Events of
 * other registers are authenticated by nothing and do not count. */
struct explained {
    const struct events *log; /* NULL: none */
    uint32_t registers;
};

/* What the comparison found, for the report. */
struct measurements {
    size_t shared;            /* events that both measured */
    size_t td_only, tpm_only; /* events that the profile allows on one side only */
};

/*
 * measurements_check decides bind.measurements. The profile is the policy's, or the one that the
 * matching guest reference names; the MRTD must be one of an image of the policy, and PCR 0 a value
 * that profile or policy pair with it. RTMR0 is compared in order with PCR 7 and PCR 1, RTMR1 and
 * RTMR2 as multisets with PCR 2-6 and PCR 8-15, each PCR's events in the order of the RTMR's. out
 * is filled when the check passes, else zero.
 */
void measurements_check(struct findings *f, const struct policy *p, const struct claims *td,
                        const struct registers *quoted, struct explained ccel, struct explained tcg,
                        struct measurements *out);

#endif
