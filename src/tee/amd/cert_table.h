/* The certificate table behind an attestation report (AMD 56421, 2.03, 4.1.8.1), as the extended guest request
 * and configfs-tsm's auxblob have it. */
#ifndef SITUS_TEE_AMD_CERT_TABLE_H
#define SITUS_TEE_AMD_CERT_TABLE_H

#include "base/rd.h"
#include "base/wr.h"
#include "tee/amd/snp_report.h"

/* cert_table_read reads what follows a report, to the last byte: into r->certs or r->padding. */
bool cert_table_read(struct rd *rd, struct snp_report *r);

/* cert_table_write_vcek writes the table of one VCEK, DER: CERT_TABLE_ONE bytes and it. */
#define CERT_TABLE_ONE 48
void cert_table_write_vcek(struct wr *w, struct span der);

#endif
