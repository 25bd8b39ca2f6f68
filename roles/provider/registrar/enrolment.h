/* One enrolment, from the first frame to the certificate: the decisions of registrar.h. */
#ifndef SITUS_PROVIDER_REGISTRAR_ENROLMENT_H
#define SITUS_PROVIDER_REGISTRAR_ENROLMENT_H

#include "crypto/ak.h"
#include "provider/registrar/registrar.h"

/* What is remembered between the two frames. Free with enrolment_free. */
struct enrolment {
    struct registrar_machine machine;
    uint8_t fingerprint[32];
    uint8_t ek_name[EK_NAME_MAX];
    size_t ek_name_size;
    uint8_t public[LIMIT_ATTEST]; /* TPMT_PUBLIC(AK), which ak points into */
    struct ak ak;
    uint8_t secret[CREDENTIAL_SECRET];
};

/* The frames' contents. */
struct enrolment_claim {
    struct span ek_cert, ek_public, ak_public, chain[LIMIT_CHAIN_CERTS];
    size_t n_chain;
};

struct enrolment_proof {
    struct span attest, signature;
    struct span registers; /* CBOR, as in model/tpm_value.h */
};

/* enrolment_begin looks the EK up in the fleet first, then checks chain, EK and the AK's template,
 * and makes the credential. */
bool enrolment_begin(struct enrolment *e, const struct registrar *r,
                     const struct enrolment_claim *claim, struct credential *credential,
                     struct situs_err *err);

/* enrolment_finish checks the proving quote, the seal, the boot, and writes the certificate. */
bool enrolment_finish(struct enrolment *e, const struct registrar *r,
                      const struct enrolment_proof *proof, struct wr *der, struct situs_err *err);

void enrolment_free(struct enrolment *e);

#endif
