/*
 * The report of Azure's paravisor (HCL, OpenHCL), as it lies in the vTPM's NV index 01400001h: a hardware report, and
 * the JSON text whose SHA-256 is the first half of its report_data. Source: openvmm,
 * openhcl_attestation_protocol/src/igvm_attest/get.rs (IgvmAttestRequestBase, runtime_claims).
 */
#ifndef SITUS_EVIDENCE_HCL_REPORT_H
#define SITUS_EVIDENCE_HCL_REPORT_H

#include "base/err.h"
#include "model/claims.h"
#include "model/finding.h"

#define HCL_MODULUS 256 /* bytes: an RSA key of 2048 bits */
#define HCL_USER_DATA 64
#define HCL_AK_PUBLIC 280  /* bytes of the TPMT_PUBLIC that is built */
#define HCL_TD_REPORT 1024 /* Intel TDX Module Base Architecture, TDREPORT_STRUCT */

/* One bit of the virtual machine's configuration, in the host's words. */
enum hcl_word { HCL_NOT_SAID, HCL_FALSE, HCL_TRUE };

struct hcl_report {
    uint32_t version;             /* of the header: 1, 2 */
    enum check_kind tee;          /* KIND_SNP or KIND_TDX */
    struct span hardware;         /* SNP_REPORT (1184 bytes), or TDREPORT_STRUCT (1024) */
    struct span runtime;          /* the JSON text */
    uint8_t modulus[HCL_MODULUS]; /* of HCLAkPub, whose exponent is 65537 */
    bool has_user_data;           /* false: the text says none */
    uint8_t user_data[HCL_USER_DATA];
    enum hcl_word secure_boot, console; /* nothing is proved by them */
    char vm_id[40];                     /* vmUniqueId; empty: not said */
};

/* hcl_report_is says that bytes begin as one does. */
bool hcl_report_is(struct span bytes);

/*
 * hcl_report_read reads one to its last byte: header of version 1 or 2, hardware report of SEV-SNP or TDX, sizes
 * exact, zero bytes up to the end of its NV index. Of the JSON it needs one HCLAkPub, an RSA key of 2048 bits; no
 * member comes twice. Nothing is verified; spans point into bytes. Errors name the part hcl.
 */
bool hcl_report_read(struct hcl_report *h, struct span bytes, struct situs_err *err);

/* hcl_report_data is what report_data of the hardware report must be: SHA-256 of the JSON, and zeros. False: OpenSSL
 * failed. */
bool hcl_report_data(const struct hcl_report *h, uint8_t out[64]);

/*
 * hcl_report_ak is the TPMT_PUBLIC of the attestation key (TPM 2.0 part 2, 12.2.4), built of HCLAkPub and of what
 * Azure's profile says (model/ak_profiles.def): no other key can stand behind that JSON.
 */
void hcl_report_ak(const struct hcl_report *h, uint8_t out[HCL_AK_PUBLIC]);

/* hcl_report_of_td says that the TDREPORT in it is the one that this quote's body (584 bytes or more; Intel TDX DCAP
 * Quoting Library API, A.3.2) was made of. */
bool hcl_report_of_td(const struct hcl_report *h, struct span body);

/* hcl_report_claims states what the JSON says. */
void hcl_report_claims(const struct hcl_report *h, struct claims *c);

#endif
