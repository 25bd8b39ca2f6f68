/*
 * The whole bundle of a guest under a paravisor, on TDX, through the public API; collateral, PCK chain, quoting enclave,
 * attestation key and its certificate are known. The TD quote (P-256) and the TPM's (RSA-2048) are the two signatures;
 * the paravisor's text, its hashes and the image's registers are what it costs beside them.
 */
#include "bench.h"
#include "lab/attacks/lab_azure.h"
#include "lab/attacks/lab_judge.h"
#include "lab/intel/lab_collateral.h"
#include "verifier.h"

#define AT INT64_C(1790000000)
#define OFTEN 800 /* appraisals after which known keys have tables */

static struct {
    struct lab_stage *stage;
    struct situs_item parts[LAB_PARTS];
    struct situs_request request;
    struct situs_memory memory;
} azure;

static const uint8_t nonce[32] = {1};

static bool load(struct lab_judge *j)
{
    struct lab_stage *s = azure.stage;
    struct lab_collateral c = lab_collateral_honest(s->w, &s->cpu[CLOUD_A].platform, true);
    lab_collateral_parts(s->w, &c, azure.parts);
    return bench_load(&azure.request, item_of("trust", lab_judge_trust(j)),
                      item_of("policy", lab_judge_policy(j, LAB_AZURE)), azure.parts, LAB_PARTS);
}

bool bench_azure_setup(const char **reason)
{
    *reason = "the lab's machine or what is known of it could not be made";
    if (azure.stage)
        return azure.memory.p != NULL;
    azure.stage = lab_stage_new(AT);
    struct lab_judge *j = lab_judge_new(azure.stage);
    const struct lab_vm *vm = lab_azure_at(azure.stage, KIND_TDX, CLOUD_A);
    struct lab_evidence e = lab_azure_attest(azure.stage, vm, nonce);
    azure.request = (struct situs_request){.evidence = item_of("bundle", lab_judge_bundle(j, &e)),
                                           .nonce = item_of("nonce", SPAN_ARR(nonce)),
                                           .channel = item_of("channel", e.channel),
                                           .at = AT};
    bool ok = load(j);
    lab_judge_free(j);
    if (ok)
        azure.memory = bench_memory();
    return azure.memory.p && bench_azure_bundle(OFTEN);
}

bool bench_azure_bundle(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = situs_result_trusted(situs_verify(&azure.request, azure.memory));
    return good;
}

size_t bench_azure_arena(void)
{
    return bench_used(&azure.memory);
}
