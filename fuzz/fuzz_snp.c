/* Readers of AMD's bytes take any without harm: a report and its table, certificates and CRLs. Parts lie inside the
 * input, and where nothing chains to an anchor no claim gets an authority. */
#include <assert.h>

#include "base/item.h"
#include "oracle.h"
#include "tee/amd/snp_verify.h"

const char *const oracles[] = {"report", "report with a table", "certificate or CRL", NULL};

static _Alignas(16) uint8_t memory[1 << 20];

static void report(struct span in)
{
    struct arena arena = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct findings findings = {.arena = &arena};
    struct claims claims = {0};
    struct policy policy = {0};
    struct snp_report r;
    bool ok = snp_report_read(&r, in, &err);
    assert(ok == (err.code == SITUS_NONE));
    if (!ok)
        return;
    assert(r.whole.p == in.p && r.whole.n == SNP_REPORT_SIZE && r.padding <= in.n - r.whole.n);
    for (size_t i = 0; i < r.n_certs; i++)
        assert(r.certs[i].p >= in.p && r.certs[i].n <= in.n - (size_t)(r.certs[i].p - in.p));
    snp_report_claims(&r, &claims);
    const struct snp_question q = {.trust = trust_builtin(), .policy = &policy, .at = 1769510999};
    snp_verify(&r, &q, &arena, &claims, &findings);
    snp_tcb_check(&r, &policy, &claims, &findings);
    assert(!claims.authority && findings.v[CHECK_SNP_VEK_CHAIN].outcome == OUTCOME_FAIL);
    assert(findings.v[CHECK_SNP_TCB].outcome == OUTCOME_NOT_RUN);
    oracle_ran(r.n_certs ? 1 : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct situs_item item = item_of("item", span_of(data, size));
    struct arena arena = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct amd_collateral c;
    report(span_of(data, size));
    amd_collateral_takes(span_of(data, size), &arena);
    bool ok = amd_collateral_read(&c, &item, 1, &arena, &err);
    assert(ok == (err.code == SITUS_NONE));
    for (size_t i = 0; ok && i < c.n; i++)
        assert(c.certs[i].role != AMD_NONE && c.certs[i].product);
    if (ok && c.n + c.n_crls)
        oracle_ran(2);
    amd_collateral_free(&c);
    return 0;
}
