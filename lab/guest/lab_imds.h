/* Azure's metadata service over HTTP, as far as an attester asks it: quotes of TDREPORTs (/acc/tdquote), made by the
 * quoting enclave of the machine's processor, and the chip's certificate (/metadata/THIM/amd/certification). */
#ifndef SITUS_LAB_GUEST_IMDS_H
#define SITUS_LAB_GUEST_IMDS_H

#include "lab/amd/lab_snp_guest.h"
#include "lab/platform/lab_cpu.h"

struct lab_imds {
    const struct lab_cpu *cpu;       /* NULL: it quotes nothing */
    const struct lab_snp_chip *chip; /* NULL: it certifies none */
    const struct lab_td *instead;    /* whose quote it gives for any report; NULL: honest */
    char url[40];                    /* http://127.0.0.1:PORT */
    pid_t process;
};

/* lab_imds_start serves until lab_imds_stop, at a free port of loopback. */
void lab_imds_start(struct lab_imds *s);
void lab_imds_stop(struct lab_imds *s);

#endif
