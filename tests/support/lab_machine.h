/* One honest machine of the lab with everything that it sends: TD quote, TPM quote, both logs, its
 * AK certificate and Intel's collateral. Tests bend it and appraise it through the public API. */
#ifndef SITUS_TESTS_LAB_MACHINE_H
#define SITUS_TESTS_LAB_MACHINE_H

#include "lab/intel/lab_intel.h"
#include "model/tpm_value.h"
#include "situs.h"
#include "support/make_log.h"
#include "support/soft_tpm.h"

#define LAB_MACHINE_AT INT64_C(1800000000)
#define LAB_MACHINE_GENUINE "{\"simulated\": true, \"require\": [\"genuine\"]}"

struct lab_machine {
    struct lab_world *w;
    struct lab_platform platform;
    struct lab_collateral collateral;
    struct situs_item parts[LAB_PARTS];
    struct span quote, channel; /* channel: SubjectPublicKeyInfo, DER */
    struct span pcr_log, ccel;  /* in the order that TPM and TD measured the same boot */
    struct tpm_value tpm;       /* attest, signature, public area, PCRs, certificate */
    struct span trust, policy;  /* JSON; the policy requires genuine, live and bound */
    uint8_t nonce[32];
    /* what the spans above lie in */
    struct make_log logs[2];
    struct soft_ak ak;
    uint8_t pcr[REGISTERS_MAX][48], attest[512], signature[512];
};

/* lab_machine_new is a machine that a whole appraisal trusts; free it with lab_machine_free. */
void lab_machine_new(struct lab_machine *m);
void lab_machine_free(struct lab_machine *m);

/* lab_machine_quote is a quote of the same platform in another version; body as in lab_quote_tdx,
 * or LAB_BODY_SGX, for which the collateral becomes the SGX kind. */
struct span lab_machine_quote(struct lab_machine *m, uint16_t version, uint16_t body_type);

/* lab_machine_bundle is the bundle, CBOR or JSON, with its collateral inside or not. It lives until
 * the world is freed. */
struct span lab_machine_bundle(struct lab_machine *m, bool json, bool collateral);

/* The objects of the public API that an appraisal of the machine needs. */
struct lab_verifier {
    const struct situs_trust *trust;
    const struct situs_policy *policy;
    struct situs_snapshot *snapshot;
    struct situs_endorsements *words; /* NULL: none */
    void *memory[4];
};

/* lab_verifier_new loads them; policy NULL: the machine's. */
void lab_verifier_new(struct lab_verifier *v, const struct lab_machine *m, const char *policy);
void lab_verifier_free(struct lab_verifier *v);

/* lab_verifier_words loads what others say of the machine, for the next requests. */
void lab_verifier_words(struct lab_verifier *v, const struct situs_item *items, size_t n);

/* lab_verifier_request is the request that an honest relying party makes: evidence is a bundle of
 * the machine, or a quote. */
struct situs_request lab_verifier_request(const struct lab_verifier *v, const struct lab_machine *m,
                                          struct span evidence);

#endif
