/*
 * ref.guest and log.pcr of a guest under a paravisor (DESIGN: paravisor, 4): the TEE's registers tell the paravisor, and
 * the registers of the vTPM that is in it tell the image.
 */
#ifndef SITUS_APPRAISE_PARAVISOR_H
#define SITUS_APPRAISE_PARAVISOR_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"
#include "model/registers.h"

/* One search among the images of a policy. */
struct paravisor {
    const struct claims *tee;
    const struct registers *quoted; /* of the guest's TPM; NULL: none */
    const struct reference *image;  /* the one that matches; NULL: none */
    const struct reference *nearest;
    uint32_t
        mask; /* where the nearest differs: bit i for PCR i, PARAVISOR_PINS for the paravisor */
};
#define PARAVISOR_PINS (1u << REGISTERS_MAX)

/* paravisor_find is the policy's image with this paravisor and these registers. */
struct paravisor paravisor_find(const struct policy *p, const struct claims *tee,
                                const struct registers *quoted);

/* paravisor_check_log decides log.pcr: the log of the TPM (NULL: none) replays; without one the image's lists do, as
 * the quoted registers are what they lead to. */
void paravisor_check_log(struct findings *f, const struct policy *p, const struct paravisor *found,
                         const struct events *log);

/*
 * paravisor_check decides ref.guest, after every row about the TPM: its registers count only where these hold. The
 * RTMRs of a TD are zero, and an SEV-SNP report was asked for at VMPL 0: the paravisor's.
 */
void paravisor_check(struct findings *f, const struct policy *p, const struct paravisor *found);

#endif
