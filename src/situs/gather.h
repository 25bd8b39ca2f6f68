/* Everything that one appraisal was given, read to the last byte and not yet believed. */
#ifndef SITUS_SITUS_GATHER_H
#define SITUS_SITUS_GATHER_H

#include "endorse/ak_cert/ak_cert.h"
#include "endorse/endorsement.h"
#include "evidence/hcl_report.h"
#include "evidence/tpm_quote.h"
#include "model/bundle.h"
#include "model/tpm_value.h"
#include "situs/evidence_verify.h"

/* One TPM's evidence. */
struct gather_tpm {
    struct tpm_value value;
    struct tpm_quote quote;
    struct ak ak; /* holds an OpenSSL key: gather_free */
    struct ak_cert cert;
};

struct gathered {
    struct bundle bundle;                /* empty when the input is a raw quote */
    struct tee_evidence tee;             /* zero: none */
    struct hcl_report *hcl;              /* of a paravisor; NULL: none */
    struct gather_tpm *guest, *platform; /* NULL: no such evidence */
    struct events *ccel, *guest_log, *launch;
    struct situs_item collateral[LIMIT_BUNDLE_ITEMS]; /* of the bundle; loaded when used */
    size_t n_collateral;
    struct tee_collateral loaded; /* of them; holds OpenSSL keys: gather_free */
    struct endorsements words;    /* of others about the machine, and CRLs */
    struct span channel; /* SubjectPublicKeyInfo that the evidence speaks for; empty: none */
};

/* gather_is_bundle says that the input is one, told by its first byte. */
bool gather_is_bundle(struct span in);

/*
 * gather reads the request's input and logs into g, behind the caller's endorsements (given.h): a
 * bundle when it begins like one ('{', or a CBOR map), else a raw quote or report, or a paravisor's. A log or channel key given
 * both in the bundle and beside it, an item of the bundle that nothing reads (where a provider
 * manages the host, the platform's) are errors. Free with gather_free, also after failure.
 */
bool gather(struct gathered *g, const struct situs_request *q, struct arena *a,
            struct situs_err *err);
void gather_free(struct gathered *g);

#endif
