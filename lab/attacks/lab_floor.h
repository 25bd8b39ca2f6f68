/* The floor of the stage: its real TPMs. Each is made once by the maker, which takes most of a
 * second, at its first use; then every machine starts from a copy. */
#ifndef SITUS_LAB_ATTACKS_FLOOR_H
#define SITUS_LAB_ATTACKS_FLOOR_H

#include "lab/tpm/lab_maker.h"
#include "lab/tpm/lab_swtpm.h"

/* The zero state is a floor without TPMs. */
struct lab_floor {
    char directory[32]; /* of all states and sockets; empty: not made */
    struct lab_maker maker;
    unsigned started;
};

/* lab_floor_power_on starts a copy of the TPM with this serial name. Stop it with
 * lab_swtpm_stop. */
struct lab_swtpm lab_floor_power_on(struct lab_floor *f, struct lab_world *w, const char *serial);

/* lab_floor_socket is a free path for a socket, of at most 64 bytes. */
void lab_floor_socket(struct lab_floor *f, char path[64]);

/* lab_floor_close removes all of it. The TPMs must have been stopped. */
void lab_floor_close(struct lab_floor *f);

#endif
