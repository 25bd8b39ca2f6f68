/*
 * A software TPM (swtpm) for tests: made by swtpm_setup with an EK certificate of its own CA, run
 * as a child on Unix sockets below a short temporary directory; everything ends with the test
 * program.
 */
#ifndef SITUS_TESTS_SWTPM_H
#define SITUS_TESTS_SWTPM_H

#include "base/span.h"

#include <sys/types.h>

struct swtpm {
    char dir[64];   /* holds state/, ca/ and the sockets */
    char tcti[160]; /* for tpm_open */
    pid_t pid;      /* 0: not running */
};

/* swtpm_need skips the running test when swtpm is not installed. */
void swtpm_need(void);

/* swtpm_make starts a new TPM: a copy of one that is manufactured once a program, so all of them
 * have one EK; other: a second identity. swtpm_end stops it and removes its files. */
void swtpm_make(struct swtpm *s, bool other);
void swtpm_end(struct swtpm *s);

/* swtpm_kill ends the process as a crash would; swtpm_power starts it again: a power cycle. */
void swtpm_kill(struct swtpm *s);
void swtpm_power(struct swtpm *s);

/* swtpm_launch is a dynamic launch over data by HASH_START, HASH_DATA, HASH_END of the control
 * channel: PCR 17 = H(0 || H(data)), PCR 18-22 = 0. The TPM must not be open. */
void swtpm_launch(struct swtpm *s, const char *data);

/* swtpm_ca is the root and issuing certificate (PEM) of the maker's CA. */
struct span swtpm_ca_root(const struct swtpm *s);
struct span swtpm_ca_issuer(const struct swtpm *s);

#endif
