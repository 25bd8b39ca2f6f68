/*
 * A real TPM on the stage: an swtpm process with an attestation key that roles/tpm made in it, as
 * the product's own programs do. What it refuses it refuses itself, with a response code of TPM 2.0
 * part 2, 6.6; nothing here decides.
 */
#ifndef SITUS_LAB_ATTACKS_CHIP_H
#define SITUS_LAB_ATTACKS_CHIP_H

#include "lab/attacks/lab_stage.h"
#include "tpm/tpm_device.h"

/* The honest keys, and three that an attacker makes instead of AK_d. */
enum lab_chip_key {
    LAB_CHIP_AK_D,     /* under the EK, sealed to L as it is now */
    LAB_CHIP_AK_V,     /* primary of the endorsement hierarchy, no seal: a vTPM's */
    LAB_CHIP_PASSWORD, /* AK_d, but its empty password works too */
    LAB_CHIP_LOOSE,    /* AK_d, but sealed to PCR 16, which anybody may reset */
    LAB_CHIP_PRIMARY,  /* AK_d, but a primary: TPM2_Clear does not end it */
};

struct lab_chip {
    struct lab_stage *s;
    struct lab_swtpm tpm;
    enum lab_chip_key kind;
    uint8_t policy[32];     /* of AK_d */
    struct tpm_blob blob;   /* AK_d outside the TPM */
    struct span public;     /* TPMT_PUBLIC */
    struct lab_ak_facts ak; /* as at enrolment */
};

/* lab_chip_on powers the TPM with this serial name on. Power it off with lab_chip_off. */
struct lab_chip lab_chip_on(struct lab_stage *s, const char *serial);
void lab_chip_off(struct lab_chip *c);

/* lab_chip_cycle cuts the power and gives it back: the TPM starts anew. */
void lab_chip_cycle(struct lab_chip *c);

/* lab_chip_key makes the key, and reads off the TPM what a registrar would. */
void lab_chip_key(struct lab_chip *c, enum lab_chip_key kind);

/* What a TPM said no to. */
struct lab_refusal {
    char what[64]; /* the command, and when */
    uint32_t rc;   /* its response code; 0: it did not say no */
};

/* lab_chip_quote asks the TPM for a quote as lab_stage_quote does. False: the TPM refuses, said is
 * the command and its code, and item is empty. */
bool lab_chip_quote(const struct lab_chip *c, uint32_t banks, uint32_t mask,
                    const uint8_t extra[32], struct span cert, struct lab_tpm_item *item,
                    struct lab_refusal *said);

/* lab_chip_counters reads resetCount and restartCount off a quote by the chip's key. */
void lab_chip_counters(const struct lab_chip *c, uint32_t *reset_count, uint32_t *restart_count);

#endif
