/* The TPM item of a bundle (model/tpm_value.h), put together from the loose files of other
 * tools. */
#ifndef SITUS_VERIFIER_PACK_TPM_H
#define SITUS_VERIFIER_PACK_TPM_H

#include "base/arena.h"
#include "model/tpm_value.h"

struct pack_tpm {
    struct tpm_value value;
    bool given; /* at least one file was added */
};

/* pack_tpm_item is the item that a label names a part of (guest.attest, guest.signature,
 * guest.public, guest.pcrs, guest.cert; platform.attest and so on): "guest" or "platform"; NULL:
 * none. */
const char *pack_tpm_item(const char *label);

/*
 * pack_tpm_add adds the file of a label: TPMS_ATTEST, TPMT_SIGNATURE and TPMT_PUBLIC as they are;
 * PCR values as JSON, {"bank": {"register": "hex"}}, {"register": "hex"} with the bank told by the
 * size, or {"tpm_alg": N, "pcrs": {"register": "hex"}}; certificates as DER or PEM, the AK's first. cert may come again. Spans point into the
 * bytes and the arena.
 */
bool pack_tpm_add(struct pack_tpm *p, const char *label, struct span bytes, struct arena *a,
                  struct situs_err *err);

/* pack_tpm_write writes the item of that name into the arena; missing when a part that every quote
 * has was not given. */
bool pack_tpm_write(const struct pack_tpm *p, const char *item, struct span *value, struct arena *a,
                    struct situs_err *err);

#endif
