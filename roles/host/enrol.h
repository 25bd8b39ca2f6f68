/* The registrar's client (PROTOCOLS: registrar): shows where the key lives, opens the
 * credential, proves it with a quote, and gets the certificate. */
#ifndef SITUS_HOST_ENROL_H
#define SITUS_HOST_ENROL_H

#include "tpm/tpm_device.h"

/*
 * What is shown. seal NULL: AK_v of a vTPM. hold gives the TPM with ek and ak loaded, let_go gives
 * it back: nobody waits for it while the registrar thinks. It is held when enrol_run is called, and
 * given back after it.
 */
struct enrol {
    const char *socket;
    void *context;
    struct tpm *(*hold)(void *context, struct situs_err *err);
    void (*let_go)(void *context);
    const struct tpm_key *ek, *ak;
    const struct tpm_seal *seal;
    const struct tpm_selection *pcrs;
    struct span ek_cert;
    struct span chain[LIMIT_CHAIN_CERTS];
    size_t n_chain;
    struct span launch_log; /* may be empty */
};

/* The certificates, AK first; views into body, malloc'd. */
struct enrolled {
    struct span body;
    struct span certs[LIMIT_CHAIN_CERTS];
    size_t n_certs;
};

/* Whether only the provider's confirmation is missing, and of which boot, by the TPM's counters. */
struct enrol_pending {
    bool waits;
    uint32_t reset_count, restart_count;
};

/* enrol_run enrols. Free with enrol_free. */
bool enrol_run(const struct enrol *e, struct enrolled *out, struct enrol_pending *pending,
               struct situs_err *err);
void enrol_free(struct enrolled *out);

#endif
