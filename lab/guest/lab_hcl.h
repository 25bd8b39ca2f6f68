/*
 * The paravisor of Azure's virtual machines: its report (HCL), which the vTPM has in an NV index, around a hardware
 * report that names the SHA-256 of its text (openvmm, igvm_attest/get.rs).
 */
#ifndef SITUS_LAB_GUEST_HCL_H
#define SITUS_LAB_GUEST_HCL_H

#include "lab/tpm/lab_soft_tpm.h"

#define LAB_HCL_NV 2600        /* bytes of the NV index */
#define LAB_HCL_AK 0x00050472u /* TPMA_OBJECT of its attestation key */

/* Report types of the paravisor. */
enum { LAB_HCL_SNP = 2, LAB_HCL_TDX = 4 };

/* lab_hcl_text is the JSON text for an attestation key (RSA, 2048 bits) and 64 bytes of the guest's; NULL: none. */
struct span lab_hcl_text(struct lab_world *w, EVP_PKEY *ak, const uint8_t *user_data);

/* lab_hcl_report_data is what the hardware report of a text carries. */
void lab_hcl_report_data(struct span text, uint8_t out[64]);

/* lab_hcl_report is the report of this version and type, around a hardware report of 1184 bytes or fewer. */
struct span lab_hcl_report(struct lab_world *w, uint32_t version, uint32_t type,
                           struct span hardware, struct span text);

#endif
