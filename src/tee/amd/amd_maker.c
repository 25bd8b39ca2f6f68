/* What AMD supplies to an appraisal of SEV-SNP; see tee/tee.h. */
#include "tee/amd/snp_verify.h"
#include "tee/tee.h"

static bool read(struct tee_evidence *e, struct span bytes, struct situs_err *err)
{
    if (!snp_report_read(&e->report, bytes, err))
        return false;
    e->kind = KIND_SNP;
    e->whole = e->report.whole;
    e->padding = e->report.padding;
    return true;
}

static void state(const struct tee_evidence *e, struct claims *c)
{
    snp_report_claims(&e->report, c);
}

static const char *verify(const struct tee_evidence *e, const struct tee_question *q,
                          struct arena *a, struct claims *c, struct findings *f)
{
    const struct snp_question question = {.trust = q->trust,
                                          .collateral = q->collateral ? &q->collateral->amd : NULL,
                                          .crls = q->crls,
                                          .hot = q->hot,
                                          .policy = q->policy,
                                          .at = q->at};
    return snp_verify(&e->report, &question, a, c, f);
}

static const char *rate(const struct tee_evidence *e, const struct tee_question *q,
                        struct claims *c, struct findings *f)
{
    snp_tcb_check(&e->report, q->policy, c, f);
    return q->policy->v[PARAM_SNP_MINIMUM].given || f->v[CHECK_SNP_TCB].outcome != OUTCOME_PASS
               ? NULL
               : "the policy names no least TCB (snp.tcb.minimum): whatever firmware passes, "
                 "however old";
}

static bool load(struct tee_collateral *c, const struct situs_item *items, size_t n,
                 const struct trust *trust, struct arena *a, struct situs_err *err)
{
    return amd_collateral_load(&c->amd, items, n, trust, a, err);
}

static bool reads(const struct situs_item *items, size_t n, const struct trust *trust,
                  struct arena *a, struct situs_err *err)
{
    struct amd_collateral c;
    (void)trust;
    bool ok = amd_collateral_read(&c, items, n, a, err);
    amd_collateral_free(&c);
    return ok;
}

static void drop(struct tee_collateral *c)
{
    amd_collateral_free(&c->amd);
}

const struct tee_maker amd_maker = {.is = snp_report_is,
                                    .read = read,
                                    .claims = state,
                                    .verify = verify,
                                    .rate = rate,
                                    .takes = amd_collateral_takes,
                                    .load = load,
                                    .reads = reads,
                                    .free = drop};
