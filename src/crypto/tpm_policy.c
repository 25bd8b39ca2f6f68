/* Policy digests of the TPM; see tpm_policy.h. */
#include "crypto/tpm_policy.h"

#include "base/wr.h"

/* TPM_CC of the policy commands (part 2, 6.5.2). */
#define CC_POLICY_AUTHORIZE 0x0000016a
#define CC_POLICY_COMMAND_CODE 0x0000016c
#define CC_POLICY_OR 0x00000171
#define CC_POLICY_PCR 0x0000017f

static const uint8_t start[TPM_POLICY_SIZE]; /* policyDigest of a new session (part 1, 19.3) */

static struct span u32(uint8_t bytes[4], uint32_t v)
{
    struct wr w = wr_new(bytes, 4);
    wr_u32be(&w, v);
    return wr_span(&w);
}

bool tpm_policy_pcr(enum hash bank, uint32_t mask, const struct span *values, size_t n,
                    uint8_t out[TPM_POLICY_SIZE])
{
    uint8_t code[4], selection[10], pcrs[TPM_POLICY_SIZE];
    struct wr w = wr_new(selection, sizeof selection);
    wr_u32be(&w, 1); /* TPML_PCR_SELECTION (part 2, 10.9.7): one bank, three octets */
    wr_u16be(&w, hash_tpm(bank));
    wr_u8(&w, 3);
    for (unsigned octet = 0; octet < 3; octet++)
        wr_u8(&w, (uint8_t)(mask >> 8 * octet));
    const struct span parts[] = {SPAN_ARR(start), u32(code, CC_POLICY_PCR), wr_span(&w),
                                 SPAN_ARR(pcrs)};
    return bank != HASH_NONE && mask >> 24 == 0 && digest_parts(HASH_SHA256, values, n, pcrs) &&
           digest_parts(HASH_SHA256, parts, 4, out);
}

bool tpm_policy_authorize(struct span key_name, struct span policy_ref,
                          uint8_t out[TPM_POLICY_SIZE])
{
    uint8_t code[4];
    const struct span parts[] = {SPAN_ARR(start), u32(code, CC_POLICY_AUTHORIZE), key_name};
    return digest_parts(HASH_SHA256, parts, 3, out) &&
           digest2(HASH_SHA256, span_of(out, TPM_POLICY_SIZE), policy_ref, out);
}

bool tpm_policy_command(const uint8_t p[TPM_POLICY_SIZE], uint32_t command,
                        uint8_t out[TPM_POLICY_SIZE])
{
    uint8_t code[4], cc[4];
    const struct span parts[] = {span_of(p, TPM_POLICY_SIZE), u32(code, CC_POLICY_COMMAND_CODE),
                                 u32(cc, command)};
    return digest_parts(HASH_SHA256, parts, 3, out);
}

bool tpm_policy_or(const uint8_t a[TPM_POLICY_SIZE], const uint8_t b[TPM_POLICY_SIZE],
                   uint8_t out[TPM_POLICY_SIZE])
{
    uint8_t code[4];
    const struct span parts[] = {SPAN_ARR(start), u32(code, CC_POLICY_OR),
                                 span_of(a, TPM_POLICY_SIZE), span_of(b, TPM_POLICY_SIZE)};
    return digest_parts(HASH_SHA256, parts, 4, out);
}

/* QN of an object with this Name under a parent with that QN (a hierarchy's is its handle). */
static size_t qualify(struct span parent, struct span name, uint8_t out[2 + HASH_MAX_SIZE])
{
    if (name.n < 2)
        return 0;
    enum hash h = hash_by_tpm((uint16_t)(name.p[0] << 8 | name.p[1]));
    if (h == HASH_NONE || name.n != 2 + hash_size(h) || !digest2(h, parent, name, out + 2))
        return 0;
    memcpy(out, name.p, 2);
    return name.n;
}

size_t tpm_policy_primary(struct span name, uint8_t out[2 + HASH_MAX_SIZE])
{
    uint8_t handle[4];
    return qualify(u32(handle, TPM_RH_ENDORSEMENT), name, out);
}

size_t tpm_policy_qualified(struct span ek_name, struct span name, uint8_t out[2 + HASH_MAX_SIZE])
{
    uint8_t parent[2 + HASH_MAX_SIZE];
    size_t n = tpm_policy_primary(ek_name, parent);
    return n ? qualify(span_of(parent, n), name, out) : 0;
}
