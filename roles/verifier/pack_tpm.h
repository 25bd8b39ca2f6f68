/* The TPM item of a bundle (model/tpm_value.h), put together from the loose files of other
 * tools. */
#ifndef SITUS_VERIFIER_PACK_TPM_H
#define SITUS_VERIFIER_PACK_TPM_H

#include "base/arena.h"
#include "model/tpm_value.h"

/* The label of each file: guest.attest, guest.signature, guest.public, guest.pcrs, guest.cert. */
#define PACK_TPM_PREFIX "guest."

struct pack_tpm {
    struct tpm_value value;
    bool given; /* at least one file was added */
};

/* pack_tpm_is says that a label is one of those. */
bool pack_tpm_is(const char *label);

/*
 * pack_tpm_add adds the file of a label: TPMS_ATTEST, TPMT_SIGNATURE and TPMT_PUBLIC as they are;
 * PCR values as JSON, {"bank": {"register": "hex"}} or {"register": "hex"} with the bank told by
 * the size; certificates as DER or PEM, the AK's first. cert may come again. Spans point into the
 * bytes and the arena.
 */
bool pack_tpm_add(struct pack_tpm *p, const char *label, struct span bytes, struct arena *a,
                  struct situs_err *err);

/* pack_tpm_write writes the item into the arena; missing when a part that every quote has was not
 * given. */
bool pack_tpm_write(const struct pack_tpm *p, struct span *value, struct arena *a,
                    struct situs_err *err);

#endif
