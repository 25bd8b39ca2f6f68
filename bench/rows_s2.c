/*
 * Whole bundles of a bare-metal machine (S-II) through the public API; collateral, PCK chain and
 * the attestation keys are known. Where the quoting enclave is unseen, its report, the TD quote and
 * both TPMs' quotes are the four signatures (P-256); three logs are what it costs beside them.
 * Where the AK certificate is unseen too, its own signature, that of the provider's CRL and the
 * decoding of both come on top: six.
 */
#include "bench.h"
#include "lab/attacks/lab_judge.h"
#include "lab/intel/lab_collateral.h"
#include "verifier.h"

#define AT INT64_C(1790000000)
#define BUNDLES 64 /* of distinct quoting enclaves, or certificates; more than there are slots */

#define OFTEN 800 /* appraisals after which known keys have tables */

static struct {
    struct lab_stage *stage;
    struct situs_item known_ak[BUNDLES], unseen_ak[BUNDLES], channel;
    size_t next;
    struct situs_item parts[LAB_PARTS];
    struct situs_item items[LAB_PARTS];
    struct situs_request request;
    struct situs_memory memory;
} s2;

static const uint8_t nonce[32] = {1};

/* load makes what the verifier knows of the stage. */
static bool load(struct lab_judge *j)
{
    struct lab_collateral c =
        lab_collateral_honest(s2.stage->w, &s2.stage->cpu[METAL].platform, true);
    lab_collateral_parts(s2.stage->w, &c, s2.parts);
    for (size_t i = 0; i < LAB_PARTS; i++)
        s2.items[i] = s2.parts[i];
    return bench_load(&s2.request, item_of("trust", lab_judge_trust(j)),
                      item_of("policy", lab_judge_policy(j, LAB_METAL)), s2.items, LAB_PARTS);
}

/* make_bundles lets the machine answer once a quoting enclave; enrolled says that the registrar
 * certifies its AK for each answer anew. */
static void make_bundles(struct lab_judge *j, struct situs_item *bundles, bool enrolled)
{
    static uint8_t auth[BUNDLES][32];
    struct lab_stage *stage = s2.stage;
    struct lab_host *machine = &stage->metal;
    const struct lab_identity says = {"lab-hall-1", "metal-1", 0, stage->cpu[METAL].platform.piid};
    for (size_t i = 0; i < BUNDLES; i++) {
        auth[i][0] = (uint8_t)(i + 1);
        stage->cpu[METAL].qe_auth_data = SPAN_ARR(auth[i]);
        if (enrolled)
            machine->ak_cert = lab_stage_certify(stage, &stage->provider, &machine->dtpm, &says);
        struct lab_evidence e = lab_host_attest(machine, LAB_SITUS, nonce);
        bundles[i] = item_of("bundle", lab_judge_bundle(j, &e));
        s2.channel = item_of("channel", e.channel);
    }
}

bool bench_s2_setup(const char **reason)
{
    *reason = "the lab's machine or what is known of it could not be made";
    if (s2.stage)
        return s2.memory.p != NULL;
    s2.stage = lab_stage_new(AT);
    struct lab_judge *j = lab_judge_new(s2.stage);
    make_bundles(j, s2.known_ak, false);
    make_bundles(j, s2.unseen_ak, true);
    s2.request = (struct situs_request){
        .nonce = item_of("nonce", SPAN_ARR(nonce)), .channel = s2.channel, .at = AT};
    bool ok = load(j);
    lab_judge_free(j);
    if (ok)
        s2.memory = bench_memory();
    return s2.memory.p && bench_s2_bundle(OFTEN);
}

/* The bundles go round, and the oldest of fewer slots is replaced. */
static bool verify(const struct situs_item *bundles, size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++) {
        s2.request.evidence = bundles[s2.next++ % BUNDLES];
        good = situs_result_trusted(situs_verify(&s2.request, s2.memory));
    }
    return good;
}

bool bench_s2_bundle(size_t n)
{
    return verify(s2.known_ak, n);
}

bool bench_s2_unseen_ak(size_t n)
{
    return verify(s2.unseen_ak, n);
}

size_t bench_s2_arena(void)
{
    return bench_used(&s2.memory);
}
