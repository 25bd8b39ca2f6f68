/* Inside roles/tpm, and for the lab's attackers: the TSS context behind struct tpm, and what its
 * files share. */
#ifndef SITUS_TPM_TPM_TSS_H
#define SITUS_TPM_TPM_TSS_H

#include "tpm/tpm_device.h"

#include <tss2/tss2_esys.h>

struct tpm {
    TSS2_TCTI_CONTEXT *tcti;
    ESYS_CONTEXT *esys;
    uint32_t code;
    int turn; /* what tpm_turn_take gave; -1: none */
};

/* tpm_turn_take waits until it is our turn at the TPM, so many milliseconds at most: then it is
 * busy. *turn is -1 where this machine has no place for a lock. tpm_turn_end ends the turn. */
bool tpm_turn_take(const char *tcti, int64_t patience, int *turn, struct situs_err *err);
void tpm_turn_end(int *turn);

/* tpm_tss_ok says that the command succeeded; else records command and response code. */
bool tpm_tss_ok(struct tpm *t, TSS2_RC rc, const char *command, struct situs_err *err);

/* tpm_tss_pcrs is the TPML_PCR_SELECTION of the selections. */
TPML_PCR_SELECTION tpm_tss_pcrs(const struct tpm_selection *selections, size_t n);

/* Sessions. *session is ESYS_TR_NONE before and after; tpm_tss_end accepts it. */
void tpm_tss_end(struct tpm *t, ESYS_TR *session);

/* tpm_tss_ek_session starts a session that satisfies PolicyA of the EK: PolicySecret of the
 * endorsement authority, with its empty password (EK Credential Profile 2.5, B.6.2). An EK that a
 * password authorizes: *session is ESYS_TR_PASSWORD. */
bool tpm_tss_ek_session(struct tpm *t, const struct tpm_key *ek, ESYS_TR *session,
                        struct situs_err *err);

/* tpm_tss_seal_session starts a session that satisfies the seal: for TPM2_ActivateCredential when
 * activate is set, else for use. seal NULL: *session is ESYS_TR_PASSWORD. */
bool tpm_tss_seal_session(struct tpm *t, const struct tpm_seal *seal, bool activate,
                          ESYS_TR *session, struct situs_err *err);

/* tpm_tss_ak_primary and tpm_tss_ak_create are tpm_ak_primary and tpm_ak_create with TPMA_OBJECT
 * and authPolicy of the caller's choice. */
bool tpm_tss_ak_primary(struct tpm *t, uint32_t attributes, struct span policy, struct tpm_key *ak,
                        struct situs_err *err);
bool tpm_tss_ak_create(struct tpm *t, const struct tpm_key *ek, uint32_t attributes,
                       const uint8_t policy[32], struct tpm_blob *blob, struct situs_err *err);

#endif
