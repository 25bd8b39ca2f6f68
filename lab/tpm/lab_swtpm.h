/*
 * A TPM 2.0: Debian's swtpm (libtpms) as a process, with its two Unix sockets. What the chipset
 * does to a TPM, and software cannot, goes over the control channel: power, locality, and the
 * HASH_START sequence of a measured launch. A few commands are spoken here byte by byte (TPM 2.0
 * part 3); the rest of the lab, as every other program, uses the TCTI "swtpm:path=...".
 *
 * swtpm serves one client at a time: whoever comes second waits until the first one closes.
 */
#ifndef SITUS_LAB_TPM_SWTPM_H
#define SITUS_LAB_TPM_SWTPM_H

#include <sys/types.h>

#include "crypto/digest.h"

struct lab_swtpm {
    char socket[104]; /* commands; the control socket is this and ".ctrl" (libtss2-tcti-swtpm) */
    char tcti[112];   /* for tss2 and tpm2-tools */
    char state[200];  /* directory of the TPM's state */
    pid_t process;
};

/*
 * lab_swtpm_start copies a pristine state (lab_maker.h) into the directory state, which it makes,
 * and starts the TPM there with its socket at the path. The TPM has gone through Startup(CLEAR).
 */
struct lab_swtpm lab_swtpm_start(const char *pristine, const char *state, const char *socket);

/* lab_swtpm_stop cuts the power; lab_swtpm_resume is power on again with the state it had, and
 * Startup(CLEAR): resetCount goes up. */
void lab_swtpm_stop(struct lab_swtpm *t);
void lab_swtpm_resume(struct lab_swtpm *t);

/* The banks that the lab's TPMs keep. */
#define LAB_TPM_BANKS 2
extern const enum hash lab_swtpm_banks[LAB_TPM_BANKS]; /* SHA-256, SHA-384 */

/*
 * lab_swtpm_extend is TPM2_PCR_Extend at a locality (0 to 4), with the hashes of what was measured.
 * It is the TPM's response code: 0, or 0x907 (TPM_RC_LOCALITY) where the PC Client profile does not
 * let that locality extend the register.
 */
uint32_t lab_swtpm_extend(const struct lab_swtpm *t, unsigned locality, unsigned pcr,
                          struct span measured);

/* lab_swtpm_pcr_reset is TPM2_PCR_Reset at locality 0. */
uint32_t lab_swtpm_pcr_reset(const struct lab_swtpm *t, unsigned pcr);

/* lab_swtpm_pcr reads one register of a bank. */
void lab_swtpm_pcr(const struct lab_swtpm *t, enum hash bank, unsigned pcr,
                   uint8_t value[HASH_MAX_SIZE]);

/* lab_swtpm_clear is TPM2_Clear with the platform's authority, which is empty: what a person at the
 * machine can do. */
uint32_t lab_swtpm_clear(const struct lab_swtpm *t);

/* lab_swtpm_control sends one control command and its payload; false when the TPM refuses it. */
bool lab_swtpm_control(const struct lab_swtpm *t, uint32_t command, struct span payload);

#endif
