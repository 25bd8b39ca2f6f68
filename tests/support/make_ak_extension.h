/* The extensions of AK certificates for tests: Google's and the registrar's, in DER by hand. */
#ifndef SITUS_TESTS_MAKE_AK_EXTENSION_H
#define SITUS_TESTS_MAKE_AK_EXTENSION_H

#include "model/policy.h"

/* make_gce_extension writes Google's instance (project 258 "project", id 2^64 - 1 "instance") to
 * out; more follows the last field, inside the SEQUENCE. Google's is at most 255 bytes. */
struct span make_gce_extension(uint8_t *out, size_t size, bool production, const char *zone,
                               struct span more);

/* make_situs_extension writes SitusMachine: hall 4, rack 7, counters 3 and 2, and a PIID of
 * piid_size bytes (17 at most). */
struct span make_situs_extension(uint8_t *out, size_t size, uint8_t class, struct span ak_name,
                                 size_t piid_size, struct span more);

/* make_azure_policy lets certificates of Azure's count that begin since a time and are of this CA. */
void make_azure_policy(struct policy *p, const char *issuer, const char *since);

#endif
