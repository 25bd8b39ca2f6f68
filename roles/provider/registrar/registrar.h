/*
 * The registrar: certifies an attestation key once it is shown to live in a TPM that the fleet
 * lists, in a boot that the provider has confirmed. It speaks PROTOCOLS: registrar.
 */
#ifndef SITUS_PROVIDER_REGISTRAR_REGISTRAR_H
#define SITUS_PROVIDER_REGISTRAR_REGISTRAR_H

#include "model/trust.h"
#include "provider/registrar/credential.h"
#include "provider/registrar/issue.h"
#include "wire/wire.h"

#define REGISTRAR_PART "registrar"
#define REGISTRAR_PENDING WIRE_PENDING
#define REGISTRAR_NAME_MAX 64

/* What the fleet says of a machine. */
struct registrar_machine {
    char machine[REGISTRAR_NAME_MAX + 1], facility[REGISTRAR_NAME_MAX + 1];
    enum ak_machine_class class;
    uint8_t piid[16];
};

/* A boot, as its TPM reports it. Answers: machine, as the fleet has it at the moment of its word on
 * the boot; confirmed_at, when it was confirmed, 0: not known. */
struct registrar_boot {
    const uint8_t *ek; /* ek_fingerprint */
    struct span ek_name;
    uint32_t reset_count, restart_count;
    struct registrar_machine *machine;
    int64_t *confirmed_at;
};

/* The fleet, however it is kept. ek is ek_fingerprint. */
struct registrar_fleet {
    void *context;
    /* find gives the machine of an EK; unknown when there is none, revoked when it has gone. */
    bool (*find)(void *context, const uint8_t ek[32], struct registrar_machine *out,
                 struct situs_err *err);
    /* boot finds as find does, and records the boot that the TPM reports; *confirmed says that the
     * provider has confirmed the machine's presence in this very boot. */
    bool (*boot)(void *context, const struct registrar_boot *boot, bool *confirmed,
                 struct situs_err *err);
};

/* The keys that this registrar has certified. */
struct registrar_keys {
    void *context;
    /* allowed says that no certificate of the key of this Name was withdrawn. */
    bool (*allowed)(void *context, struct span ak_name, struct situs_err *err);
    /* issued records a certificate before it is given out. */
    bool (*issued)(void *context, struct span serial, struct span ak_name, int64_t until,
                   struct situs_err *err);
};

struct registrar {
    const struct registrar_fleet *fleet;
    const struct registrar_keys *keys;
    const struct trust *trust; /* tpm-maker roots for dtpm, provider roots for vtpm */
    const struct issuer *issuer;
    int64_t seconds; /* validity of certificates */
    /* The Name of the key whose approvals seal AK_d by PolicyAuthorize, and its reference; empty:
     * AK_d is sealed by PolicyPCR to the registers that it shows. */
    struct span authority_name, authority_ref;
    int64_t (*now)(void);
    void (*tick)(void *context); /* wire_handler's, or NULL */
    void *tick_context;
};

/* registrar_handler serves wire.h; the context is the registrar. */
struct wire_handler registrar_handler(struct registrar *r);

/* registrar_proof_data is extraData of the proving quote (PROTOCOLS: registrar, 2). */
bool registrar_proof_data(struct span secret, uint8_t out[32]);

#endif
