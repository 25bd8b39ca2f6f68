/*
 * TDX quotes through the public API, at each stage of what may be known before: nothing,
 * collateral, also the PCK chain, also the quoting enclave. Evidence is the lab's; its bytes cost
 * what Intel's do.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "lab/intel/lab_intel.h"
#include "situs.h"

#define AT INT64_C(1790000000)
#define QUOTES 64 /* distinct quoting enclaves; more than the cache has slots */
#define SLOTS 16

static struct {
    struct lab_world *world;
    struct situs_item parts[LAB_PARTS];
    struct situs_item items[LAB_PARTS], quotes[QUOTES];
    const struct situs_trust *trust;
    const struct situs_policy *policy;
    struct situs_snapshot *snapshot;
    struct situs_context *context;
    struct situs_memory verification, cold;
    size_t next;
} tdx;

static struct situs_memory take(size_t size)
{
    return (struct situs_memory){calloc(1, size), size};
}

/* make_quotes makes quotes of one machine, each by a quoting enclave with an own attestation key
 * certification, as after so many restarts of the enclave. */
static void make_quotes(const struct lab_platform *p)
{
    for (size_t i = 0; i < QUOTES; i++) {
        uint8_t auth[32] = {(uint8_t)(i + 1)};
        struct lab_quote q = lab_quote_tdx(tdx.world, p, 4, LAB_BODY_TD10);
        q.auth_data = SPAN_ARR(auth);
        tdx.quotes[i] = item_of("quote", lab_quote_make(tdx.world, &q));
    }
}

static bool load(const char **reason)
{
    struct situs_err err = {0};
    tdx.snapshot =
        situs_snapshot_load(tdx.items, LAB_PARTS, tdx.trust, take(SITUS_SNAPSHOT_MEMORY), &err);
    tdx.context = situs_context_new(SLOTS, take(situs_context_size(SLOTS)));
    *reason = "the lab's collateral was refused";
    return tdx.snapshot && tdx.context;
}

bool bench_tdx_setup(const char **reason)
{
    *reason = "set up failed before";
    if (tdx.world)
        return tdx.snapshot && tdx.context;
    tdx.world = lab_world_new(AT);
    struct lab_platform p = lab_platform_honest(0);
    struct lab_collateral c = lab_collateral_honest(tdx.world, &p, true);
    lab_collateral_parts(tdx.world, &c, tdx.parts);
    for (size_t i = 0; i < LAB_PARTS; i++)
        tdx.items[i] = tdx.parts[i];
    make_quotes(&p);
    struct situs_err err = {0};
    tdx.trust = situs_trust_read(item_of("trust", lab_trust_json(tdx.world)),
                                 take(SITUS_TRUST_MEMORY), &err);
    static const char genuine[] = "{\"simulated\": true, \"require\": [\"genuine\"]}";
    tdx.policy = situs_policy_read((struct situs_item){"genuine", genuine, sizeof genuine - 1},
                                   take(SITUS_POLICY_MEMORY), &err);
    tdx.verification = take(SITUS_VERIFY_MEMORY);
    tdx.cold = take(SITUS_SNAPSHOT_MEMORY);
    *reason = "the lab's trust file or the policy was refused";
    return tdx.trust && tdx.policy && load(reason);
}

static bool verify(const struct situs_item *quote, const struct situs_snapshot *snapshot,
                   struct situs_context *context)
{
    struct situs_request request = {.evidence = *quote,
                                    .trust = tdx.trust,
                                    .policy = tdx.policy,
                                    .snapshot = snapshot,
                                    .context = context,
                                    .at = AT};
    return situs_result_trusted(situs_verify(&request, tdx.verification));
}

/* The highest byte of the verification's memory that was ever used: all were zero before. */
size_t bench_tdx_arena(void)
{
    size_t n = tdx.verification.size;
    while (n > 0 && ((const unsigned char *)tdx.verification.p)[n - 1] == 0)
        n--;
    return n;
}

bool bench_tdx_cold(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++) {
        struct situs_err err = {0};
        struct situs_snapshot *s =
            situs_snapshot_load(tdx.items, LAB_PARTS, tdx.trust, tdx.cold, &err);
        good = s && verify(&tdx.quotes[0], s, NULL);
        situs_snapshot_free(s);
    }
    return good;
}

bool bench_tdx_snapshot(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = verify(&tdx.quotes[0], tdx.snapshot, NULL);
    return good;
}

/* The quotes go round, and the oldest of fewer slots is replaced: each enclave is unseen again. */
bool bench_tdx_known_pck(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = verify(&tdx.quotes[tdx.next++ % QUOTES], tdx.snapshot, tdx.context);
    return good;
}

bool bench_tdx_known_qe(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = verify(&tdx.quotes[0], tdx.snapshot, tdx.context);
    return good;
}
