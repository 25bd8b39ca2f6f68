/* TPM quotes: three structures, each behind a 16-bit size, then PCR values of 48 bytes. Values that
 * hold are those that the signed digest covers. */
#include <assert.h>

#include "base/rd.h"
#include "evidence/tpm_quote.h"
#include "oracle.h"

const char *const oracles[] = {"registers under the signature", NULL};

static struct span chunk(struct rd *r)
{
    return rd_bytes(r, rd_u16be(r, "size"), "chunk");
}

static void check_registers(const struct tpm_quote *q, const struct findings *f)
{
    uint8_t values[HASH_MAX_SIZE];
    enum hash h = hash_by_tpm(q->signature.hash);
    if (f->v[CHECK_TPM_SIGNATURE].outcome != OUTCOME_PASS ||
        f->v[CHECK_TPM_PCRS].outcome != OUTCOME_PASS)
        return;
    assert(digest_parts(h, q->registers->bank[0].value, 4, values));
    assert(span_equal(q->attest.pcr_digest, span_of(values, hash_size(h))));
    oracle_ran(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct span bank = {(const uint8_t *)"sha384", 6};
    static const int64_t set[] = {0, 1, 2, 3};
    static _Alignas(16) uint8_t memory[16384];
    struct situs_err err = {0};
    struct arena arena = arena_new(memory, sizeof memory);
    struct findings findings = {.arena = &arena};
    struct claims claims = {.instance = "tpm.guest"};
    struct policy policy = {.require = PROOF_BOUND};
    struct registers registers = {.n = 1, .bank = {{.hash = HASH_SHA384, .mask = 0xf}}};
    struct tpm_quote quote;
    struct ak ak;
    policy.v[PARAM_TPM_PCRS_BANK] = (struct param_value){.words = &bank, .n = 1};
    policy.v[PARAM_TPM_PCRS_SET] = (struct param_value){.nums = set, .n = 4};

    struct rd r = rd_new(span_of(data, size), 0, "fuzz", &err);
    struct span public = chunk(&r);
    struct tpm_evidence e = {chunk(&r), chunk(&r), &registers};
    for (size_t i = 0; i < 4; i++)
        registers.bank[0].value[i] = rd_bytes(&r, 48, "pcr");
    if (!rd_ok(&r) || !ak_read(&ak, public, &err))
        return 0;
    if (tpm_quote_read(&quote, &e, &err)) {
        tpm_quote_claims(&quote, &ak, &claims);
        tpm_quote_verify(&quote, &ak, "tpm.guest", &policy, &findings);
        check_registers(&quote, &findings);
    }
    ak_free(&ak);
    return 0;
}
