/*
 * Google's host registry (DESIGN: registries): one unsigned JSON document a host, named by its
 * PPID, and MR_OWNER, in which Google's hosts name the instance. Format: google/go-tdx-guest,
 * gce/provenance.go and gce/pzid.go.
 */
#ifndef SITUS_ENDORSE_REGISTRY_GOOGLE_HOST_H
#define SITUS_ENDORSE_REGISTRY_GOOGLE_HOST_H

#include "endorse/id_list/listing.h"

#define GOOGLE_HOST_PART "google host"

/* google_host_ppid is the PPID that names a document: the last part of a path or URL, 32 hex
 * digits, ".json" behind them or not. */
bool google_host_ppid(const char *name, uint8_t ppid[16]);

/*
 * google_host_answer decides list.* for a document and the PPID that names it. The zones of
 * document and AK certificate must be one, and MR_OWNER must name that certificate's instance;
 * without a verified AK certificate of Google's list.match is not run. The file is the verifier's
 * own: never call this for an item of a bundle.
 */
void google_host_answer(struct span document, const uint8_t ppid[16], const struct question *q,
                        struct answer *out);

#endif
