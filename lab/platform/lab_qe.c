/* The quoting enclave; see lab_qe.h. */
#include "lab/platform/lab_qe.h"

static bool hash_is(const uint8_t *report, size_t hash_at, size_t at, size_t n)
{
    uint8_t hash[48];
    lab_hash384(hash, span_of(report + at, n));
    return memcmp(hash, report + hash_at, sizeof hash) == 0;
}

/* The quote's body is TEE_TCB_INFO, TDINFO and REPORTDATA without what is reserved (A.3.2). */
static struct lab_td_report body(const uint8_t report[TDREPORT_SIZE])
{
    struct lab_td_report r = {.tee_tcb_svn = {0}};
    const uint8_t *tcb = report + TDREPORT_TEE_TCB_INFO, *info = report + TDREPORT_TDINFO;
    memcpy(r.tee_tcb_svn, tcb + 8, 16);
    memcpy(r.mr_seam, tcb + 24, 48);
    memcpy(r.mr_signer_seam, tcb + 72, 48);
    memcpy(r.seam_attributes, tcb + 120, 8);
    memcpy(r.td_attributes, info, 8);
    memcpy(r.xfam, info + 8, 8);
    memcpy(r.mr_td, info + 16, 48);
    memcpy(r.mr_config_id, info + 64, 48);
    memcpy(r.mr_owner, info + 112, 48);
    memcpy(r.mr_owner_config, info + 160, 48);
    memcpy(r.rtmr, info + 208, sizeof r.rtmr);
    memcpy(r.report_data, report + TDREPORT_REPORT_DATA, 64);
    return r;
}

struct span lab_qe_sign(const struct lab_cpu *cpu, const uint8_t report[TDREPORT_SIZE])
{
    struct lab_quote q = lab_quote_tdx(cpu->w, &cpu->platform, 4, LAB_BODY_TD10);
    q.td = body(report);
    if (cpu->qe_auth_data.n)
        q.auth_data = cpu->qe_auth_data;
    return lab_quote_make(cpu->w, &q);
}

struct span lab_qe_quote(const struct lab_cpu *cpu, const uint8_t report[TDREPORT_SIZE])
{
    bool ours = report[TDREPORT_TYPE] == 0x81 && lab_cpu_verify_report(cpu, report) &&
                hash_is(report, TDREPORT_TEE_TCB_INFO_HASH, TDREPORT_TEE_TCB_INFO,
                        TDREPORT_TEE_TCB_INFO_SIZE) &&
                hash_is(report, TDREPORT_TEE_INFO_HASH, TDREPORT_TDINFO, TDREPORT_TDINFO_SIZE);
    return ours ? lab_qe_sign(cpu, report) : span_of(NULL, 0);
}
