/*
 * A whole bundle of a bare-metal machine (S-II) through the public API, collateral, PCK chain and
 * quoting enclave known: TD quote, both TPMs' quotes and the AK certificate are the four signatures
 * (P-256). The provider's CRL, three logs and the report are what it costs beside them.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "lab/attacks/lab_judge.h"
#include "lab/intel/lab_collateral.h"
#include "situs.h"

#define AT INT64_C(1790000000)
#define SLOTS 16

static struct {
    struct lab_stage *stage;
    struct lab_evidence evidence;
    struct collateral_part parts[LAB_PARTS];
    struct situs_item items[LAB_PARTS];
    struct situs_request request;
    struct situs_memory memory;
} s2;

static struct situs_memory take(size_t size)
{
    return (struct situs_memory){calloc(1, size), size};
}

static struct situs_item item(const char *name, struct span s)
{
    return (struct situs_item){name, s.p, s.n};
}

/* load makes what the verifier knows of the stage. */
static bool load(struct lab_judge *j)
{
    struct situs_err err = {0};
    struct situs_request *q = &s2.request;
    struct lab_collateral c =
        lab_collateral_honest(s2.stage->w, &s2.stage->cpu[METAL].platform, true);
    lab_collateral_parts(s2.stage->w, &c, s2.parts);
    for (size_t i = 0; i < LAB_PARTS; i++)
        s2.items[i] = item(s2.parts[i].name, s2.parts[i].bytes);
    q->trust = situs_trust_read(item("trust", lab_judge_trust(j)), take(SITUS_TRUST_MEMORY), &err);
    q->policy = situs_policy_read(item("policy", lab_judge_policy(j, LAB_METAL)),
                                  take(SITUS_POLICY_MEMORY), &err);
    if (!q->trust || !q->policy)
        return false;
    q->snapshot =
        situs_snapshot_load(s2.items, LAB_PARTS, q->trust, take(SITUS_SNAPSHOT_MEMORY), &err);
    q->context = situs_context_new(SLOTS, take(situs_context_size(SLOTS)));
    return q->snapshot && q->context;
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
        (struct situs_request){.evidence = item("bundle", lab_judge_bundle(j, &s2.evidence)),
                               .nonce = item("nonce", SPAN_ARR(nonce)),
                               .channel = item("channel", s2.evidence.channel),
                               .at = AT};
    bool ok = load(j);
    lab_judge_free(j);
    if (ok)
        s2.memory = take(SITUS_VERIFY_MEMORY);
    return s2.memory.p != NULL;
}

bool bench_s2_bundle(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = situs_result_trusted(situs_verify(&s2.request, s2.memory));
    return good;
}

/* The highest byte of the verification's memory that was ever used: all were zero before. */
size_t bench_s2_arena(void)
{
    size_t n = s2.memory.size;
    while (n > 0 && ((const unsigned char *)s2.memory.p)[n - 1] == 0)
        n--;
    return n;
}
