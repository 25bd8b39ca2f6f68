/*
 * A TPM in software: registers and an attestation key that signs what it is told. To a verifier it
 * is exactly as good as the certificate of its key. Attackers use it; the attack matrix also lets
 * honest machines have one where a real TPM would add nothing, and then their provider certifies
 * its key.
 */
#ifndef SITUS_LAB_TPM_SOFT_H
#define SITUS_LAB_TPM_SOFT_H

#include "codec/tpm.h"
#include "lab/intel/lab_world.h"
#include "lab/tpm/lab_swtpm.h"

/* TPMA_OBJECT of the two attestation keys (DESIGN: attestation key): AK_v in the vTPM, AK_d sealed
 * under the EK of the machine's own TPM. */
#define LAB_AK_V 0x00050072u
#define LAB_AK_D 0x000500b2u

struct lab_soft_tpm {
    struct lab_world *w;
    EVP_PKEY *ak;
    uint8_t pcr[LAB_TPM_BANKS][24][HASH_MAX_SIZE];
    uint32_t attributes;
    uint8_t auth_policy[32];
    size_t auth_policy_size;
    uint8_t ek_name[34]; /* of the EK that this TPM claims; the sealed AK's parent */
    bool primary;        /* the AK is a primary of the endorsement hierarchy, under no EK */
    uint32_t reset_count, restart_count;
    uint64_t clock; /* milliseconds; 0: a minute */
};

/* lab_soft_new is a TPM after Startup(CLEAR) with a new AK (P-256) of these attributes: a primary
 * where a user may use it, else under the EK. Free with lab_soft_free. */
struct lab_soft_tpm lab_soft_new(struct lab_world *w, uint32_t attributes);
/* lab_soft_new_rsa is the same with an RSA key of 2048 bits. */
struct lab_soft_tpm lab_soft_new_rsa(struct lab_world *w, uint32_t attributes);
void lab_soft_free(struct lab_soft_tpm *t);

/* lab_soft_extend extends a register in all banks; lab_soft_launch resets PCR 17-22 to zero. */
void lab_soft_extend(struct lab_soft_tpm *t, unsigned pcr, struct span measured);
void lab_soft_launch(struct lab_soft_tpm *t);

/* lab_soft_public is TPMT_PUBLIC of the AK; lab_soft_ak_name its Name, 34 bytes. */
struct span lab_soft_public(const struct lab_soft_tpm *t);
void lab_soft_ak_name(const struct lab_soft_tpm *t, uint8_t name[34]);

/* lab_soft_policy seals the AK to these values of PCRs (banks, mask: bit i for enum hash i, for PCR
 * i) of this TPM:
 * PolicyOR(PolicyPCR, PolicyPCR and PolicyCommandCode(ActivateCredential)). */
void lab_soft_policy(struct lab_soft_tpm *t, uint32_t banks, uint32_t mask);

/* A quote, and the values it covers. */
struct lab_soft_quote {
    struct span attest, signature; /* TPMS_ATTEST, TPMT_SIGNATURE */
};

/* lab_soft_quote is TPM2_Quote over the registers of mask of these banks, with these 32 bytes of
 * extraData. */
struct lab_soft_quote lab_soft_quote(const struct lab_soft_tpm *t, uint32_t banks, uint32_t mask,
                                     const uint8_t extra[32]);

/* lab_soft_sign appends the AK's TPMT_SIGNATURE (part 2, 11.3.4) over these bytes: what no TPM does
 * of others' bytes, and an attacker with a key of his own does. */
void lab_soft_sign(const struct lab_soft_tpm *t, struct span attest, struct lab_buf *out);

#endif
