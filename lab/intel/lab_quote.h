/*
 * Quotes: what the quoting enclave signs about a TD or an enclave, and the chain of signatures from
 * there to the PCK certificate:
 *
 *     attestation key  signs  header and body
 *     PCK key          signs  QE report, whose report_data = SHA-256(attestation key || auth data)
 *     Platform CA ...  sign   the PCK certificate, embedded as PEM (certification data type 5)
 *
 * Layouts: version 3: Intel SGX ECDSA QuoteLibReference DCAP, A.4; versions 4 and 5: Intel TDX DCAP
 * Quoting Library API, A.3. All integers are little-endian.
 */
#ifndef SITUS_LAB_INTEL_QUOTE_H
#define SITUS_LAB_INTEL_QUOTE_H

#include "lab/intel/lab_cert.h"

#define LAB_TEE_SGX 0x00
#define LAB_TEE_TDX 0x81

/* Body types of version 5 (A.3.2). */
#define LAB_BODY_SGX 1  /* 384 bytes */
#define LAB_BODY_TD10 2 /* 584 bytes */
#define LAB_BODY_TD15 3 /* 648 bytes */

/* TD report body, TDX 1.0, and what TDX 1.5 adds to its end. */
struct lab_td_report {
    uint8_t tee_tcb_svn[16];    /* [0] module minor SVN, [1] module version, [2] microcode ... */
    uint8_t mr_seam[48];        /* measurement of the TDX module */
    uint8_t mr_signer_seam[48]; /* zero: Intel's module */
    uint8_t seam_attributes[8]; /* zero */
    uint8_t td_attributes[8];   /* bit 0 DEBUG, 28 SEPT_VE_DISABLE, 29 MIGRATABLE, 63 PERFMON */
    uint8_t xfam[8];            /* extended features, as XCR0 */
    uint8_t mr_td[48];          /* measurement of the TD's initial contents: the firmware */
    uint8_t mr_config_id[48], mr_owner[48], mr_owner_config[48];
    uint8_t rtmr[4][48];       /* run-time measurements */
    uint8_t report_data[64];   /* the guest's */
    uint8_t tee_tcb_svn_2[16]; /* 1.5: at the time of the report */
    uint8_t mr_service_td[48]; /* 1.5: the bound service (migration) TD, zero: none */
};

/* SGX report body, 384 bytes; the quoting enclave's own report has the same form. */
struct lab_sgx_report {
    uint8_t cpusvn[16];
    uint32_t miscselect;
    uint8_t isv_ext_prod_id[16];
    uint8_t attributes[16]; /* bit 0 INIT, 1 DEBUG, 2 MODE64BIT, 4 PROVISION_KEY; then XFRM */
    uint8_t mrenclave[32], mrsigner[32];
    uint8_t config_id[64];
    uint16_t isvprodid, isvsvn, config_svn;
    uint8_t isv_family_id[16];
    uint8_t report_data[64];
};

struct lab_quote {
    uint16_t version;              /* 3, 4, 5 */
    uint16_t attestation_key_type; /* 2: ECDSA-256 with P-256 */
    uint32_t tee_type;             /* LAB_TEE_*; version 3 reserves the field */
    uint16_t qe_svn, pce_svn;      /* version 3 only, else reserved */
    uint8_t qe_vendor_id[16];
    uint8_t user_data[20];
    uint16_t body_type; /* decides the body that is written; version 5 also states it */
    struct lab_td_report td;
    struct lab_sgx_report sgx;
    struct lab_sgx_report qe; /* its report_data is filled in unless qe_report_data_given */
    bool qe_report_data_given;
    struct span auth_data;
    enum lab_key signing_key;      /* signs header and body */
    enum lab_key attestation_key;  /* stands in the quote: the same when honest */
    struct span attestation_point; /* instead of its point, x || y; the QE report vouches for it */
    enum lab_key pck_key;          /* signs the QE report */
    uint16_t outer_type;           /* 6, QE report certification data; versions 4 and 5 */
    uint16_t inner_type;           /* 5, PCK chain */
    struct lab_chain chain;
    struct span certification;              /* instead of the chain's PEM */
    size_t padding;                         /* zero bytes after the end */
    struct lab_edit signed_part[LAB_EDITS]; /* on header and body, before they are signed */
    struct lab_edit qe_report[LAB_EDITS];   /* on the QE report, before it is signed */
    struct lab_edit after[LAB_EDITS];       /* on the whole quote; offsets: lab_quote_layout */
};

/* lab_quote_tdx is an honest TDX quote of the machine: version 4, or 5 with a body of TDX 1.0 (2)
 * or 1.5 (3). lab_quote_sgx is an honest SGX quote in version 3, 4 or 5. */
struct lab_quote lab_quote_tdx(struct lab_world *w, const struct lab_platform *p, uint16_t version,
                               uint16_t body_type);
struct lab_quote lab_quote_sgx(struct lab_world *w, const struct lab_platform *p, uint16_t version);

/* lab_quote_make is the quote. */
struct span lab_quote_make(struct lab_world *w, const struct lab_quote *q);

/* Offsets in a quote. */
struct lab_quote_layout {
    size_t body;
    size_t signature_size; /* u32, bytes that follow it */
    size_t signature, attestation_key;
    size_t outer_type; /* u16, then u32 size; 0 in version 3, which has none */
    size_t qe_report, qe_report_signature;
    size_t auth_size, auth_data;
    size_t inner_type;    /* u16, then u32 size */
    size_t certification; /* the PEM chain */
};

/* lab_quote_layout says where the parts lie, by the description alone. */
struct lab_quote_layout lab_quote_layout(const struct lab_quote *q);

#endif
