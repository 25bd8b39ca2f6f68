/* Evidence of Azure's machines as others send it (Confidential Containers' trustee, deps/verifier az_snp_vtpm and
 * az_tdx_vtpm; kinvolk's azure-cvm-tooling), as a bundle. */
#ifndef SITUS_SITUS_EVIDENCE_AZURE_H
#define SITUS_SITUS_EVIDENCE_AZURE_H

#include "base/arena.h"
#include "codec/json/json.h"

/* evidence_azure_is says that a JSON object is such evidence. */
bool evidence_azure_is(const struct json *root);

/*
 * evidence_azure_read makes a bundle (CBOR) of it, in the arena: the paravisor's report, the TD quote or the SEV-SNP
 * report with its VCEK, and the vTPM's quote with its 24 SHA-256 registers. What it takes of the arena is less than
 * three times the text and 16 KiB. Members that it does not know are passed over: nothing of this envelope is signed.
 */
bool evidence_azure_read(const struct json *root, struct span *out, struct arena *a,
                         struct situs_err *err);

#endif
