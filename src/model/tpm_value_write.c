/* The TPM quote item, written; see tpm_value.h. */
#include "codec/cbor.h"
#include "model/tpm_value.h"

static void put_bank(struct cbor_out *o, const struct bank *b)
{
    size_t n = 0;
    for (uint32_t i = 0; i < REGISTERS_MAX; i++)
        n += b->mask >> i & 1;
    cbor_put_uint(o, hash_tpm(b->hash));
    cbor_put_map(o, n);
    for (uint32_t i = 0; i < REGISTERS_MAX; i++) {
        if (!(b->mask >> i & 1))
            continue;
        cbor_put_uint(o, i);
        cbor_put_bytes(o, b->value[i]);
    }
}

bool tpm_value_write(const struct tpm_value *v, struct wr *w)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 3 + (size_t)(v->public_area.n > 0) + (size_t)(v->n_certs > 0));
    cbor_put_uint(&o, TPM_VALUE_ATTEST);
    cbor_put_bytes(&o, v->attest);
    cbor_put_uint(&o, TPM_VALUE_SIGNATURE);
    cbor_put_bytes(&o, v->signature);
    if (v->public_area.n) {
        cbor_put_uint(&o, TPM_VALUE_PUBLIC);
        cbor_put_bytes(&o, v->public_area);
    }
    cbor_put_uint(&o, TPM_VALUE_REGISTERS);
    cbor_put_map(&o, v->registers.n);
    for (enum hash h = 0; h < HASH_COUNT; h++) /* the rows of algs.def rise by TPM_ALG_ID */
        if (registers_bank(&v->registers, h))
            put_bank(&o, registers_bank(&v->registers, h));
    if (v->n_certs) {
        cbor_put_uint(&o, TPM_VALUE_CERTIFICATES);
        cbor_put_array(&o, v->n_certs);
        for (size_t i = 0; i < v->n_certs; i++)
            cbor_put_bytes(&o, v->certs[i]);
    }
    return cbor_put_end(&o);
}
