/*
 * Azure in the lab: virtual machines under a paravisor, which is their vTPM and reports for them (lab_hcl.h), on TDX and
 * SEV-SNP alike, and the CA that certifies their attestation keys (DESIGN: paravisor).
 */
#ifndef SITUS_LAB_ATTACKS_AZURE_H
#define SITUS_LAB_ATTACKS_AZURE_H

#include "lab/attacks/lab_stage.h"
#include "lab/guest/lab_hcl.h"

#define LAB_AZURE_SUBJECT "2ede2d532aaf.ConfidentialVM.Azure.windows.net"
#define LAB_AZURE_EKU "2.23.133.8.3"
#define LAB_AZURE_PARAVISOR SPAN_LIT("lab paravisor 1.0")

/* lab_azure_vm starts a machine of this kind of TEE under a paravisor of this image, and boots into its vTPM; its key
 * is certified. Free with lab_vm_free. */
struct lab_vm lab_azure_vm(struct lab_stage *s, enum check_kind tee, enum lab_place place,
                           struct span paravisor, const struct lab_boot *boot);

/* lab_azure_at is the stage's own machine of this kind at CLOUD_A or CLOUD_B, started when it is first asked for. */
const struct lab_vm *lab_azure_at(struct lab_stage *s, enum check_kind tee, enum lab_place place);

/* lab_azure_certify is a certificate of Azure's for the vTPM's key, from a time on. */
struct span lab_azure_certify(struct lab_stage *s, const struct lab_vm *vm, const char *subject,
                              int64_t from);

/* What one asking of the paravisor, and of the host's quoting service, gives. */
struct lab_azure_report {
    struct span hcl;
    struct span tee; /* the TD quote; the SEV-SNP report and its certificate table */
};

/* lab_azure_ask asks with these 64 bytes; NULL: the guest wrote none. ak is the key that the paravisor names. */
struct lab_azure_report lab_azure_ask(struct lab_stage *s, const struct lab_vm *vm, EVP_PKEY *ak,
                                      const uint8_t *user_data);

/* lab_azure_around is a report with the text of another, around the hardware report of a quote (of TDX its body; of
 * SEV-SNP the 1184 bytes). */
struct span lab_azure_around(struct lab_stage *s, enum check_kind tee, struct span hardware,
                             struct span other);

/* lab_azure_user_data is what the guest writes for a challenge. */
void lab_azure_user_data(const struct lab_vm *vm, const uint8_t nonce[32], uint8_t out[64]);

/* lab_azure_present is the answer with this report: the vTPM's quote commits to it. lab_azure_attest is the honest
 * answer to a challenge. */
struct lab_evidence lab_azure_present(const struct lab_vm *vm, const struct lab_azure_report *r,
                                      const uint8_t nonce[32]);
struct lab_evidence lab_azure_attest(struct lab_stage *s, const struct lab_vm *vm,
                                     const uint8_t nonce[32]);

/* lab_azure_images writes the approved image, of both kinds of TEE, as ref.guest has it. */
void lab_azure_images(struct lab_stage *s, struct lab_buf *b);

#endif
