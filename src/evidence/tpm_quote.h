/*
 * A TPM 2.0 quote (TPM2_Quote, part 3, 18.4): what the TPM signed, the signature and the register
 * values that the signed digest covers.
 */
#ifndef SITUS_EVIDENCE_TPM_QUOTE_H
#define SITUS_EVIDENCE_TPM_QUOTE_H

#include "crypto/ak.h"
#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"
#include "model/registers.h"

/* The evidence as it was sent; the AK's TPMT_PUBLIC or certificate is read by crypto/ak. */
struct tpm_evidence {
    struct span attest;    /* TPMS_ATTEST */
    struct span signature; /* TPMT_SIGNATURE */
    const struct registers *registers;
};

struct tpm_quote {
    struct span signed_part; /* TPMS_ATTEST */
    struct tpm_attest attest;
    struct tpm_signature signature;
    const struct registers *registers;
};

/* tpm_quote_read reads both structures to their last bytes. Nothing is verified. */
bool tpm_quote_read(struct tpm_quote *q, const struct tpm_evidence *e, struct situs_err *err);

/* tpm_quote_claims states what the quote and the AK's public area say; no authority yet. The claims
 * point into the evidence and into *ak. */
void tpm_quote_claims(const struct tpm_quote *q, const struct ak *ak, struct claims *c);

/*
 * tpm_quote_verify decides tpm.signature, tpm.pcrs and ak.attributes. instance is "tpm.guest" or
 * "tpm.platform": their AKs have different templates. The policy lists the guest's registers and
 * their banks, the host images whose registers the platform must quote, and the AK providers.
 */
void tpm_quote_verify(const struct tpm_quote *q, const struct ak *ak, const char *instance,
                      const struct policy *policy, struct findings *f);

#endif
