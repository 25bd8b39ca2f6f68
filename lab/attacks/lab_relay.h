/*
 * A relay of a TPM device: the program that an attacker runs in his VM in the cloud, and real
 * sockets to his basement, where every other program takes it for a TPM. Each command and each
 * answer is held up on its way, as a line of some length would.
 */
#ifndef SITUS_LAB_ATTACKS_RELAY_H
#define SITUS_LAB_ATTACKS_RELAY_H

#include "lab/attacks/lab_floor.h"

struct lab_relay {
    char socket[64], control[80];
    char tcti[80]; /* for tss2 */
    pid_t commands, controls;
};

/* lab_relay_start relays the TPM, delay milliseconds each way. Stop it with lab_relay_stop. */
struct lab_relay lab_relay_start(struct lab_floor *f, const struct lab_swtpm *t, unsigned delay);
void lab_relay_stop(struct lab_relay *r);

#endif
