/*
 * SEV-SNP reports through the public API: with nothing known (certificates are read and verified, then the report), and
 * with the collateral loaded. The lab's AMD has RSA keys of 2048 bits, AMD's have 4096: two verifications more of
 * about a twelfth of a P-384's.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "lab/amd/lab_snp.h"
#include "situs.h"

#define AT INT64_C(1790000000)
#define CERTS 3
#define OFTEN 16 /* appraisals after which the chip's key has its table */

static const char genuine[] =
    "{\"simulated\": true, \"tee\": [\"snp\"], \"require\": [\"genuine\"]}";

static struct {
    uint8_t report[LAB_SNP_REPORT];
    struct situs_item certs[CERTS];
    const struct situs_trust *trust;
    const struct situs_policy *policy;
    struct situs_snapshot *snapshot;
    struct situs_context *context;
    struct situs_memory verification, cold;
} snp;

static struct situs_memory take(size_t size)
{
    return (struct situs_memory){calloc(1, size), size};
}

static struct situs_item item(const char *name, struct span s)
{
    return (struct situs_item){name, s.p, s.n};
}

bool bench_snp_setup(const char **reason)
{
    struct situs_err err = {0};
    *reason = "the lab's AMD was refused";
    if (snp.trust)
        return snp.snapshot && snp.context;
    struct lab_world *w = lab_world_new(AT);
    struct lab_snp amd = lab_snp_new(w);
    struct lab_snp_cert vcek = lab_snp_vcek(&amd);
    struct span ark = lab_snp_issuer(&amd, LAB_SNP_ARK);
    lab_snp_report(&amd, snp.report);
    snp.certs[0] = item("ark", ark);
    snp.certs[1] = item("ask", lab_snp_issuer(&amd, LAB_SNP_ASK));
    snp.certs[2] = item("vcek", lab_snp_cert(&amd, &vcek));
    snp.trust =
        situs_trust_read(item("trust", lab_snp_trust(&amd, ark)), take(SITUS_TRUST_MEMORY), &err);
    snp.policy = situs_policy_read((struct situs_item){"genuine", genuine, sizeof genuine - 1},
                                   take(SITUS_POLICY_MEMORY), &err);
    snp.verification = take(SITUS_VERIFY_MEMORY);
    snp.cold = take(SITUS_SNAPSHOT_MEMORY);
    snp.context = situs_context_new(4, take(situs_context_size(4)));
    lab_snp_free(&amd);
    if (!snp.trust || !snp.policy || !snp.context)
        return false;
    snp.snapshot =
        situs_snapshot_load(snp.certs, CERTS, snp.trust, take(SITUS_SNAPSHOT_MEMORY), &err);
    return snp.snapshot && bench_snp_tables(OFTEN);
}

static bool verify(const struct situs_snapshot *snapshot, struct situs_context *context)
{
    const struct situs_request q = {.evidence = {"report", snp.report, sizeof snp.report},
                                    .trust = snp.trust,
                                    .policy = snp.policy,
                                    .snapshot = snapshot,
                                    .context = context,
                                    .at = AT};
    return situs_result_trusted(situs_verify(&q, snp.verification));
}

bool bench_snp_cold(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++) {
        struct situs_err err = {0};
        struct situs_snapshot *s = situs_snapshot_load(snp.certs, CERTS, snp.trust, snp.cold, &err);
        good = s && verify(s, NULL);
        situs_snapshot_free(s);
    }
    return good;
}

bool bench_snp_known(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = verify(snp.snapshot, NULL);
    return good;
}

bool bench_snp_tables(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = verify(snp.snapshot, snp.context);
    return good;
}

/* The highest byte of the verification's memory that was ever used: all were zero before. */
size_t bench_snp_arena(void)
{
    size_t n = snp.verification.size;
    while (n > 0 && ((const unsigned char *)snp.verification.p)[n - 1] == 0)
        n--;
    return n;
}
