/*
 * Intel quotes: SGX version 3, TDX versions 4 and 5 (SGX in version 4 and 5 too), by one reader.
 * Sources: Intel SGX ECDSA QuoteLibReference DCAP A.4; Intel TDX DCAP Quoting Library API A.3.
 */
#ifndef SITUS_TEE_INTEL_QUOTE_H
#define SITUS_TEE_INTEL_QUOTE_H

#include "base/err.h"
#include "base/rd.h"
#include "model/claims.h"

struct quote {
    uint16_t version;        /* 3, 4, 5 */
    bool tdx;                /* tee_type 0x81, else SGX */
    uint16_t body_type;      /* version 5: 1 SGX, 2 TD 1.0, 3 TD 1.5; version 3, 4: 1 or 2 */
    struct span whole;       /* to the end that the signature length names, without padding */
    struct span signed_part; /* header and body */
    struct span body;
    struct span signature, attestation_key; /* 64 bytes each */
    struct span qe_report;                  /* 384 bytes */
    struct span qe_report_signature;        /* 64 bytes */
    struct span qe_auth_data;
    struct span certification; /* PEM chain, certification data type 5 */
    size_t certification_at;   /* its offset in the quote */
    size_t padding;            /* zero bytes after the quote */
};

/*
 * quote_read reads one quote. Zero bytes after it are counted in padding, anything else there is
 * refused (trailing). Certification data other than the embedded chain (type 5) is refused as
 * unsupported, with a hint that says what to fetch. Nothing is verified.
 */
bool quote_read(struct quote *q, struct span bytes, struct situs_err *err);

/* quote_claims states what header, body and QE report say; no authority yet. */
void quote_claims(const struct quote *q, struct claims *c);

#endif
