/* What this machine has of what situs attest reads, and how to mend what is missing. */
#ifndef SITUS_DOCTOR_ATTEST_LOOK_H
#define SITUS_DOCTOR_ATTEST_LOOK_H

#include "base/err.h"

enum attest_state {
    STATE_GOOD,
    STATE_ABSENT,
    STATE_DENIED, /* there, and not for this user */
    STATE_WRONG   /* there, and not as it should be */
};

struct attest_finding {
    const char *id;   /* a stable word, as "td.device" */
    const char *what; /* what is so when it is good */
    enum attest_state state;
    char got[256];
    const char *hint; /* what to do; NULL when it is good */
};

/*
 * attest_look looks at row i of attest_look.def below root ("" for this machine); false after the last.
 * Nothing is written, and of logs the first byte is read.
 */
bool attest_look(const char *root, size_t i, struct attest_finding *found);

#define ATTEST_TPM 5

/* attest_look_tpm asks the TPM behind a TCTI string for its endorsement key, that key's certificate and
 * an attestation key, and for what Azure's paravisor keeps in one; nothing stays in it. */
void attest_look_tpm(const char *tcti, struct attest_finding found[ATTEST_TPM]);

/* attest_look_state is "good", "absent", "denied" or "wrong". */
const char *attest_look_state(enum attest_state state);

#endif
