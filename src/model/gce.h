/* Google Compute Engine's names: zones, and the id document whose hash MROWNER holds. */
#ifndef SITUS_MODEL_GCE_H
#define SITUS_MODEL_GCE_H

#include "base/span.h"

/* gce_is_zone says that a zone's name is 1 to 63 bytes of a-z, 0-9 and '-' (RFC 1035 2.3.4, as
 * resource names are). */
bool gce_is_zone(struct span zone);

/*
 * gce_mrowner is MROWNER of an instance's TD: SHA-384 of its id document (go-tdx-guest,
 * gce/pzid.go). False for what is no zone, and when OpenSSL fails: out is zero then.
 */
bool gce_mrowner(uint64_t instance_id, uint64_t project_number, struct span zone, uint8_t out[48]);

#endif
