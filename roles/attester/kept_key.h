/* Attestation keys that a provider put into a guest's TPM: where they are, and their certificates. */
#ifndef SITUS_ATTESTER_KEPT_KEY_H
#define SITUS_ATTESTER_KEPT_KEY_H

#include "base/arena.h"
#include "tpm/tpm_device.h"

struct kept_key {
    const char *name;
    uint32_t handle;   /* the key itself; 0: template makes it */
    uint32_t template; /* NV index of its template */
    uint32_t certificate;
    const char *hint; /* where it is not there */
};

/* kept_key_find is the row of kept_keys.def with this name, or NULL. */
const struct kept_key *kept_key_find(const char *name);

/* kept_key_take takes the key; flush it with tpm_flush. */
bool kept_key_take(struct tpm *t, const struct kept_key *k, struct tpm_key *ak, struct arena *a,
                   struct situs_err *err);

/*
 * kept_key_certificate is its certificate, DER, in the arena; empty, and no error, where there is none. Zeros may follow it,
 * as NV indices do not shrink, and stand in an index that nobody wrote.
 */
bool kept_key_certificate(struct tpm *t, const struct kept_key *k, struct span *der,
                          struct arena *a, struct situs_err *err);

#endif
