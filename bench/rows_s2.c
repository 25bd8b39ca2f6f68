/*
 * A whole bundle of a bare-metal machine (S-II) through the public API, collateral, PCK chain and
 * quoting enclave known: TD quote, both TPMs' quotes and the AK certificate are the four signatures
 * (P-256). The provider's CRL, three logs and the report are what it costs beside them.
 */
#include "bench.h"
#include "lab/attacks/lab_judge.h"
#include "lab/intel/lab_collateral.h"
#include "verifier.h"

#define AT INT64_C(1790000000)

static struct {
    struct lab_stage *stage;
    struct lab_evidence evidence;
    struct collateral_part parts[LAB_PARTS];
    struct situs_item items[LAB_PARTS];
    struct situs_request request;
    struct situs_memory memory;
} s2;

/* load makes what the verifier knows of the stage. */
static bool load(struct lab_judge *j)
{
    struct lab_collateral c =
        lab_collateral_honest(s2.stage->w, &s2.stage->cpu[METAL].platform, true);
    lab_collateral_parts(s2.stage->w, &c, s2.parts);
    for (size_t i = 0; i < LAB_PARTS; i++)
        s2.items[i] = bench_item(s2.parts[i].name, s2.parts[i].bytes);
    return bench_load(&s2.request, bench_item("trust", lab_judge_trust(j)),
                      bench_item("policy", lab_judge_policy(j, LAB_METAL)), s2.items, LAB_PARTS);
}

bool bench_s2_setup(const char **reason)
{
    static const uint8_t nonce[32] = {1};
    *reason = "the lab's machine or what is known of it could not be made";
    if (s2.stage)
        return s2.memory.p != NULL;
    s2.stage = lab_stage_new(AT);
    struct lab_judge *j = lab_judge_new(s2.stage);
    s2.evidence = lab_host_attest(&s2.stage->metal, LAB_SITUS, nonce);
    s2.request =
        (struct situs_request){.evidence = bench_item("bundle", lab_judge_bundle(j, &s2.evidence)),
                               .nonce = bench_item("nonce", SPAN_ARR(nonce)),
                               .channel = bench_item("channel", s2.evidence.channel),
                               .at = AT};
    bool ok = load(j);
    lab_judge_free(j);
    if (ok)
        s2.memory = bench_memory();
    return s2.memory.p != NULL;
}

bool bench_s2_bundle(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = situs_result_trusted(situs_verify(&s2.request, s2.memory));
    return good;
}

size_t bench_s2_arena(void)
{
    return bench_used(&s2.memory);
}
