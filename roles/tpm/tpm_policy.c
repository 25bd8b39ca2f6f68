/* Policy digests; see tpm_policy.h. */
#include "tpm/tpm_policy.h"

#include "base/wr.h"
#include "crypto/digest.h"

/* TPM_CC of the policy commands, which their digests contain (part 2, 6.5.2). */
#define CC_POLICY_AUTHORIZE 0x0000016a
#define CC_POLICY_COMMAND_CODE 0x0000016c
#define CC_POLICY_OR 0x00000171
#define CC_POLICY_PCR 0x0000017f

#define ROOM 256 /* the longest input: two digests, a Name, a reference */

static const uint8_t none[32]; /* policyDigest of a fresh session */

static struct wr begin(uint8_t room[ROOM], const uint8_t old[32], uint32_t command)
{
    struct wr w = wr_new(room, ROOM);
    wr_bytes(&w, span_of(old, 32));
    wr_u32be(&w, command);
    return w;
}

static bool end(const struct wr *w, uint8_t policy[32])
{
    return wr_ok(w) && digest(HASH_SHA256, wr_span(w), policy);
}

bool tpm_policy_pcr(const struct tpm_selection *pcrs, const uint8_t pcr_digest[32],
                    uint8_t policy[32])
{
    uint8_t room[ROOM];
    struct wr w = begin(room, none, CC_POLICY_PCR);
    wr_u32be(&w, 1); /* TPML_PCR_SELECTION of one bank (part 2, 10.9.7) */
    wr_u16be(&w, pcrs->hash);
    wr_u8(&w, TPM_SELECT_SIZE);
    for (int i = 0; i < TPM_SELECT_SIZE; i++)
        wr_u8(&w, (uint8_t)(pcrs->mask >> 8 * i));
    wr_bytes(&w, span_of(pcr_digest, 32));
    return end(&w, policy);
}

bool tpm_policy_authorize(struct span key_name, struct span ref, uint8_t policy[32])
{
    uint8_t room[ROOM], first[32];
    struct wr w = begin(room, none, CC_POLICY_AUTHORIZE);
    wr_bytes(&w, key_name);
    return end(&w, first) && digest2(HASH_SHA256, SPAN_ARR(first), ref, policy);
}

bool tpm_policy_command(const uint8_t old[32], uint32_t command, uint8_t policy[32])
{
    uint8_t room[ROOM];
    struct wr w = begin(room, old, CC_POLICY_COMMAND_CODE);
    wr_u32be(&w, command);
    return end(&w, policy);
}

bool tpm_policy_or(const uint8_t a[32], const uint8_t b[32], uint8_t policy[32])
{
    uint8_t room[ROOM];
    struct wr w = begin(room, none, CC_POLICY_OR);
    wr_bytes(&w, span_of(a, 32));
    wr_bytes(&w, span_of(b, 32));
    return end(&w, policy);
}

bool tpm_policy_seal(const uint8_t p[32], uint8_t policy[32])
{
    uint8_t activate[32];
    return tpm_policy_command(p, TPM_CC_ACTIVATE_CREDENTIAL, activate) &&
           tpm_policy_or(p, activate, policy);
}
