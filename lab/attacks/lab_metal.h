/*
 * A bare-metal machine of the stage with a real TPM: it is powered on, goes through a measured
 * launch on the TPM's control channel, has its key made under the EK and sealed, and is certified
 * for this boot. Its VM is as on the rest of the stage, with a vTPM in software.
 */
#ifndef SITUS_LAB_ATTACKS_METAL_H
#define SITUS_LAB_ATTACKS_METAL_H

#include "lab/attacks/lab_chip.h"

/* The zero state is no machine. */
struct lab_metal {
    struct lab_chip chip;
    struct lab_buf launch; /* the log */
    struct span ak_cert;
    struct lab_vm vm;
};

/* lab_metal_new is a machine that went through the launch and was enrolled with such a key. */
struct lab_metal lab_metal_new(struct lab_stage *s, const struct lab_launch *l,
                               enum lab_chip_key kind);
void lab_metal_free(struct lab_metal *m);

/* lab_metal_launch is a measured launch anew, with a log of its own. */
void lab_metal_launch(struct lab_metal *m, const struct lab_launch *l);

/* lab_metal_quote is a quote over L by the machine's key; false: its TPM refuses. */
bool lab_metal_quote(const struct lab_metal *m, const uint8_t extra[32], struct lab_tpm_item *item,
                     struct lab_refusal *said);

/* lab_metal_attest answers a challenge as lab_host_attest does. False: the TPM refuses the platform
 * quote, and the evidence is without. */
bool lab_metal_attest(const struct lab_metal *m, enum lab_dialect d, const uint8_t nonce[32],
                      struct lab_evidence *e, struct lab_refusal *said);

#endif
