/* The TPM quote item; see tpm_value.h. */
#include "model/tpm_value.h"

#include "base/text.h"
#include "codec/cbor.h"

#define MAX_BANKS (sizeof((struct registers *)NULL)->bank / sizeof(struct bank))

/* A byte string of 1 to max bytes, and where it begins. */
static struct span bounded(struct cbor *c, size_t max, size_t *at, const char *field)
{
    struct span s = cbor_bytes(c, field);
    *at = cbor_at(c) - s.n;
    if (cbor_ok(c) && s.n == 0)
        cbor_fail(c, SITUS_TOO_SHORT, field, *at, "some bytes", "none");
    if (cbor_ok(c) && s.n > max)
        cbor_fail(c, SITUS_TOO_LONG, field, *at, TEXT_BYTES(max), TEXT_BYTES(s.n));
    return cbor_ok(c) ? s : span_of(NULL, 0);
}

static bool read_register(struct cbor *c, struct bank *b, const char *bank)
{
    char buffer[80];
    size_t at = cbor_at(c);
    uint64_t index = cbor_uint(c, bank);
    if (cbor_ok(c) && index >= REGISTERS_MAX)
        return cbor_fail(c, SITUS_UNKNOWN, bank, at, "a register below 24", TEXT_NUM(index));
    if (!cbor_ok(c))
        return false;
    const char *field = text_member(buffer, bank, TEXT_NUM(index));
    at = cbor_at(c);
    b->value[index] = cbor_bytes(c, field);
    b->mask |= 1u << index;
    if (cbor_ok(c) && b->value[index].n != hash_size(b->hash))
        return cbor_fail(c, SITUS_MALFORMED, field, at, TEXT_BYTES(hash_size(b->hash)),
                         TEXT_BYTES(b->value[index].n));
    return cbor_ok(c);
}

static bool read_bank(struct cbor *c, struct bank *b)
{
    char buffer[80];
    size_t at = cbor_at(c);
    uint64_t alg = cbor_uint(c, "registers");
    b->hash = alg <= UINT16_MAX ? hash_by_tpm((uint16_t)alg) : HASH_NONE;
    if (cbor_ok(c) && b->hash == HASH_NONE)
        return cbor_fail(c, SITUS_UNKNOWN, "registers", at, "the TPM_ALG_ID of a hash",
                         TEXT_NUM(alg));
    const char *field = text_member(buffer, "registers", hash_name(b->hash));
    at = cbor_at(c);
    size_t n = cbor_map(c, field);
    if (cbor_ok(c) && n == 0)
        return cbor_fail(c, SITUS_MISSING, field, at, "at least one register", "none");
    for (size_t i = 0; cbor_ok(c) && i < n; i++)
        if (!read_register(c, b, field))
            return false;
    return cbor_leave(c, field);
}

static bool read_registers(struct cbor *c, struct registers *r)
{
    size_t at = cbor_at(c), n = cbor_map(c, "registers");
    if (cbor_ok(c) && n == 0)
        return cbor_fail(c, SITUS_MISSING, "registers", at, "at least one bank", "none");
    if (cbor_ok(c) && n > MAX_BANKS)
        return cbor_fail(c, SITUS_TOO_LONG, "registers", at, TEXT_NUM(MAX_BANKS), TEXT_NUM(n));
    for (; cbor_ok(c) && r->n < n; r->n++)
        if (!read_bank(c, &r->bank[r->n]))
            return false;
    return cbor_leave(c, "registers");
}

static bool read_certs(struct cbor *c, struct tpm_value *v)
{
    size_t at = cbor_at(c), n = cbor_array(c, "certificates");
    if (cbor_ok(c) && n == 0)
        return cbor_fail(c, SITUS_MISSING, "certificates", at, "at least one", "none");
    if (cbor_ok(c) && n > LIMIT_CHAIN_CERTS)
        return cbor_fail(c, SITUS_TOO_LONG, "certificates", at, TEXT_NUM(LIMIT_CHAIN_CERTS),
                         TEXT_NUM(n));
    for (; cbor_ok(c) && v->n_certs < n; v->n_certs++)
        v->certs[v->n_certs] = bounded(c, LIMIT_CERT, &at, "certificates");
    return cbor_leave(c, "certificates");
}

static bool read_member(struct cbor *c, struct tpm_value *v)
{
    size_t at = cbor_at(c);
    int64_t key = cbor_int(c, "key");
    if (!cbor_ok(c))
        return false;
    switch (key) {
    case TPM_VALUE_ATTEST:
        v->attest = bounded(c, LIMIT_ATTEST, &v->attest_at, "attest");
        return cbor_ok(c);
    case TPM_VALUE_SIGNATURE:
        v->signature = bounded(c, LIMIT_ATTEST, &v->signature_at, "signature");
        return cbor_ok(c);
    case TPM_VALUE_PUBLIC:
        v->public_area = bounded(c, LIMIT_ATTEST, &v->public_at, "public");
        return cbor_ok(c);
    case TPM_VALUE_REGISTERS:
        return read_registers(c, &v->registers);
    case TPM_VALUE_CERTIFICATES:
        return read_certs(c, v);
    default:
        return cbor_fail(c, SITUS_UNKNOWN, "key", at, "0 to 4", TEXT_NUM(key));
    }
}

static bool read_all(struct cbor *c, struct tpm_value *v)
{
    size_t n = cbor_map(c, "map");
    for (size_t i = 0; cbor_ok(c) && i < n; i++)
        if (!read_member(c, v))
            return false;
    if (!cbor_leave(c, "map") || !cbor_end(c, "map"))
        return false;
    const char *missing = !v->attest.n      ? "attest"
                          : !v->signature.n ? "signature"
                          : !v->registers.n ? "registers"
                                            : NULL;
    return !missing || cbor_fail(c, SITUS_MISSING, missing, SITUS_NO_OFFSET, "this member", "none");
}

bool tpm_value_read(struct tpm_value *v, struct span in, const char *part, struct situs_err *err)
{
    struct cbor c = cbor_new(in, 0, part, err);
    *v = (struct tpm_value){0};
    if (read_all(&c, v))
        return true;
    *v = (struct tpm_value){0};
    return false;
}
