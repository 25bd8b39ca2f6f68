/*
 * TDX quotes through the public API, at each stage of what may be known before: nothing,
 * collateral, also the PCK chain, also the quoting enclave. Collateral comes as seven files or as
 * dcap-qvl's one; its CRL has the size of a real one. Evidence is the lab's.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "lab/intel/lab_intel.h"
#include "rows_tdx.h"

#define AT INT64_C(1790000000)
#define QUOTES 64   /* distinct quoting enclaves; more than the cache has slots */
#define MACHINES 16 /* whose quotes they are, with PCK keys and attestation keys of their own */
#define SLOTS 16
#define REVOKED 64 /* entries of Intel's real PCK CRLs, which have 2.7 to 3.4 KB */
#define THREADS 2
#define OFTEN 800 /* appraisals of a machine after which its keys have tables */

static const char genuine[] = "{\"simulated\": true, \"require\": [\"genuine\"]}";

static struct {
    struct lab_world *world;
    struct situs_item parts[LAB_PARTS];
    struct situs_item items[LAB_PARTS], quotes[QUOTES];
    const struct situs_trust *trust;
    const struct situs_policy *policy;
    struct situs_snapshot *snapshot, *tabulated;
    struct situs_context *context;
    struct situs_memory verification, cold;
    struct situs_item json, trust_file;
    size_t next;
} tdx;

static struct situs_memory take(size_t size)
{
    return (struct situs_memory){calloc(1, size), size};
}

/* make_quotes makes quotes of the machines, each by a quoting enclave with an own attestation key
 * certification, as after so many restarts of the enclave. */
static void make_quotes(void)
{
    for (size_t i = 0; i < QUOTES; i++) {
        uint8_t auth[32] = {(uint8_t)(i + 1)};
        struct lab_platform p = lab_platform_honest(i % MACHINES);
        struct lab_quote q = lab_quote_tdx(tdx.world, &p, 4, LAB_BODY_TD10);
        q.auth_data = SPAN_ARR(auth);
        tdx.quotes[i] = item_of("quote", lab_quote_make(tdx.world, &q));
    }
}

/* revoke fills a CRL up to the size of a real one. */
static void revoke(struct lab_crl *crl)
{
    static uint8_t serial[REVOKED][20];
    for (size_t i = 0; i < REVOKED; i++) {
        memset(serial[i], (int)i + 1, sizeof serial[i]);
        crl->revoked[crl->n_revoked++] = SPAN_ARR(serial[i]);
    }
}

static bool load(const char **reason)
{
    struct situs_err err = {0};
    tdx.snapshot =
        situs_snapshot_load(tdx.items, LAB_PARTS, tdx.trust, take(SITUS_SNAPSHOT_MEMORY), &err);
    tdx.tabulated =
        situs_snapshot_load(tdx.items, LAB_PARTS, tdx.trust, take(SITUS_SNAPSHOT_MEMORY), &err);
    tdx.context = situs_context_new(SLOTS, take(situs_context_size(SLOTS)));
    *reason = "the lab's collateral was refused";
    return tdx.snapshot && situs_snapshot_tabulate(tdx.tabulated) && tdx.context;
}

bool bench_tdx_setup(const char **reason)
{
    *reason = "set up failed before";
    if (tdx.world)
        return tdx.snapshot && tdx.context;
    tdx.world = lab_world_new(AT);
    struct lab_platform p = lab_platform_honest(0);
    struct lab_collateral c = lab_collateral_honest(tdx.world, &p, true);
    revoke(&c.pck_crl);
    lab_collateral_parts(tdx.world, &c, tdx.parts);
    tdx.json = item_of("collateral.json", lab_collateral_json(tdx.world, &c));
    tdx.trust_file = item_of("trust", lab_trust_json(tdx.world));
    for (size_t i = 0; i < LAB_PARTS; i++)
        tdx.items[i] = tdx.parts[i];
    make_quotes();
    struct situs_err err = {0};
    tdx.trust = situs_trust_read(tdx.trust_file, take(SITUS_TRUST_MEMORY), &err);
    tdx.policy = situs_policy_read((struct situs_item){"genuine", genuine, sizeof genuine - 1},
                                   take(SITUS_POLICY_MEMORY), &err);
    tdx.verification = take(SITUS_VERIFY_MEMORY);
    tdx.cold = take(SITUS_SNAPSHOT_MEMORY);
    *reason = "the lab's trust file or the policy was refused";
    if (!tdx.trust || !tdx.policy || !load(reason))
        return false;
    *reason = "the lab's quote was refused";
    return bench_tdx_known_pck(MACHINES * OFTEN) && bench_two_known_qe(THREADS * OFTEN);
}

static bool verify_in(struct situs_memory memory, const struct situs_item *quote,
                      const struct situs_snapshot *snapshot, struct situs_context *context)
{
    struct situs_request request = {.evidence = *quote,
                                    .trust = tdx.trust,
                                    .policy = tdx.policy,
                                    .snapshot = snapshot,
                                    .context = context,
                                    .at = AT};
    return situs_result_trusted(situs_verify(&request, memory));
}

static bool verify(const struct situs_item *quote, const struct situs_snapshot *snapshot,
                   struct situs_context *context)
{
    return verify_in(tdx.verification, quote, snapshot, context);
}

void bench_tdx_files(struct situs_item items[BENCH_TDX_FILES])
{
    items[0] = tdx.trust_file;
    items[1] = (struct situs_item){"policy", genuine, sizeof genuine - 1};
    items[2] = tdx.json;
    items[3] = tdx.quotes[0];
}

/* The highest byte of the verification's memory that was ever used: all were zero before. */
size_t bench_tdx_arena(void)
{
    size_t n = tdx.verification.size;
    while (n > 0 && ((const unsigned char *)tdx.verification.p)[n - 1] == 0)
        n--;
    return n;
}

/* Each quote has a snapshot of its own. */
static bool anew(const struct situs_item *parts, size_t n_parts, struct situs_context *context,
                 size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++) {
        struct situs_err err = {0};
        struct situs_snapshot *s = situs_snapshot_load(parts, n_parts, tdx.trust, tdx.cold, &err);
        good = s && verify(&tdx.quotes[0], s, context);
        situs_snapshot_free(s);
    }
    return good;
}

bool bench_tdx_cold(size_t n)
{
    return anew(tdx.items, LAB_PARTS, NULL, n);
}

bool bench_tdx_cold_json(size_t n)
{
    return anew(&tdx.json, 1, NULL, n);
}

/* New collateral; what the context knows of the machine stays. */
bool bench_tdx_refresh(size_t n)
{
    return anew(tdx.items, LAB_PARTS, tdx.context, n);
}

bool bench_tdx_snapshot(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = verify(&tdx.quotes[0], tdx.snapshot, NULL);
    return good;
}

bool bench_tdx_snapshot_tables(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = verify(&tdx.quotes[0], tdx.tabulated, NULL);
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

/* One thread's part: a context and memory of its own over the snapshot of all. */
struct part {
    struct situs_context *context;
    struct situs_memory memory;
    bool knows, good;
    size_t n;
};

static void *run_part(void *arg)
{
    struct part *p = arg;
    p->good = true;
    for (size_t i = 0; i < p->n && p->good; i++)
        p->good = verify_in(p->memory, &tdx.quotes[0], tdx.snapshot, p->knows ? p->context : NULL);
    return NULL;
}

/* n operations by two threads. */
static bool run_two(bool knows, size_t n)
{
    static struct part parts[THREADS];
    pthread_t threads[THREADS];
    size_t begun = 0;
    bool good = true;
    for (; begun < THREADS; begun++) {
        struct part *p = &parts[begun];
        if (!p->context) {
            p->context = situs_context_new(SLOTS, take(situs_context_size(SLOTS)));
            p->memory = take(SITUS_VERIFY_MEMORY);
        }
        p->knows = knows;
        p->n = n / THREADS + (begun < n % THREADS);
        if (!p->context || pthread_create(&threads[begun], NULL, run_part, p) != 0)
            break;
    }
    good = begun == THREADS;
    for (size_t i = 0; i < begun; i++)
        good = pthread_join(threads[i], NULL) == 0 && parts[i].good && good;
    return good;
}

bool bench_two_snapshot(size_t n)
{
    return run_two(false, n);
}

bool bench_two_known_qe(size_t n)
{
    return run_two(true, n);
}
