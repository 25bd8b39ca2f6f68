/*
 * The value of a vnd.situs.tpm-quote item: CBOR {0: TPMS_ATTEST, 1: TPMT_SIGNATURE, ? 2:
 * TPMT_PUBLIC, 3: {TPM_ALG_ID of the bank: {register: digest}}, ? 4: [certificates DER, AK first]}.
 * Only the envelope is read here; the TPM structures are still hostile bytes.
 */
#ifndef SITUS_MODEL_TPM_VALUE_H
#define SITUS_MODEL_TPM_VALUE_H

#include "base/err.h"
#include "base/limits.h"
#include "base/wr.h"
#include "model/registers.h"

/* Keys of the map. */
enum tpm_value_key {
    TPM_VALUE_ATTEST,
    TPM_VALUE_SIGNATURE,
    TPM_VALUE_PUBLIC,
    TPM_VALUE_REGISTERS,
    TPM_VALUE_CERTIFICATES
};

struct tpm_value {
    struct span attest, signature;
    struct span public_area; /* empty when not given */
    struct registers registers;
    struct span certs[LIMIT_CHAIN_CERTS];
    size_t n_certs;
    size_t attest_at, signature_at, public_at; /* their offsets in the value, for errors */
};

/*
 * tpm_value_read reads a value; part is the item's label. Views into in. Fields: attest, signature,
 * public, registers, registers.BANK, registers.BANK.N, certificates. Unknown hashes, registers
 * above 23, digests of another size than the hash's, and empty banks are errors.
 */
bool tpm_value_read(struct tpm_value *v, struct span in, const char *part, struct situs_err *err);

/* tpm_value_write writes a value; banks may be in any order, no hash twice. False when w is
 * full. */
bool tpm_value_write(const struct tpm_value *v, struct wr *w);

#endif
