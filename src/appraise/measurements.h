/*
 * bind.measurements: TD and TPM measured the same boot (DESIGN: measurements). Register values
 * never agree, as RTMRs and PCRs group events differently; so the events' SHA-384 digests are
 * compared, each list authenticated by the registers that it replays to. The reference says which
 * event belongs where; labels never decide.
 */
#ifndef SITUS_APPRAISE_MEASUREMENTS_H
#define SITUS_APPRAISE_MEASUREMENTS_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"
#include "model/registers.h"

/* A log, and the registers that it was found to explain in the SHA-384 bank (logs.h). Events of
 * other registers are authenticated by nothing and do not count. */
struct explained {
    const struct events *log; /* NULL: none */
    uint32_t registers;
};

/* What is compared. */
struct measured {
    const struct claims *td;
    const struct reference *image; /* of ref.guest; NULL: none matched */
    const struct registers *quoted;
    struct explained ccel, tcg;
};

/* What the comparison found. */
struct measurements {
    size_t shared;            /* events that both measured */
    size_t td_only, tpm_only; /* events on one side only, as profile and reference say */
};

/*
 * measurements_check decides bind.measurements. The TPM's lists of PCR 2-6, 8, 9 and 11-14 are the image's, entry for entry; without what is the
 * TPM's alone they are RTMR1 and RTMR2; RTMR0, split by content, is PCR 7 and PCR 1; and PCR 0 is a
 * value that profile or policy pair with the MRTD. out is filled when the check passes, else zero.
 */
void measurements_check(struct findings *f, const struct policy *p, const struct measured *x,
                        struct measurements *out);

#endif
