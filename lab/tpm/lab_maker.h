/*
 * The maker of TPMs: swtpm_setup creates each TPM's endorsement keys and writes their certificates,
 * signed by a CA of the lab, into the TPM (EK RSA 2048 at 0x81010001, its certificate at NV
 * 0x01c00002). Making one takes most of a second, so each is made once and its state kept; a lab
 * machine starts from a copy. No two machines share a state, hence none an EK.
 */
#ifndef SITUS_LAB_TPM_MAKER_H
#define SITUS_LAB_TPM_MAKER_H

#include "lab/ca/lab_ca.h"

struct lab_maker {
    struct lab_ca ca;
    char directory[160]; /* CA files, and one directory a TPM: the pristine states */
};

/* lab_maker_open makes a maker in the directory, or opens the one that is there. Free with
 * lab_maker_free. */
struct lab_maker lab_maker_open(struct lab_world *w, const char *directory, const char *name);
void lab_maker_free(struct lab_maker *m);

/* lab_maker_tpm writes the directory of the pristine state of the TPM with this serial name, which
 * is made when it is not there, into path. */
void lab_maker_tpm(const struct lab_maker *m, const char *serial, char path[200]);

#endif
