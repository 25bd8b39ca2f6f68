/* The attestation report of an SEV-SNP guest, with the certificates that its host sent; TQH is of the report. */
#include "attester/attest.h"

#include "crypto/digest.h"
#include "frame/out.h"
#include "tee/amd/snp_report.h"

bool source_snp(struct attest *a, struct span *value, struct situs_err *err)
{
    struct span bytes = span_of(a->tee.bytes, a->tee.size);
    if (a->tee.tee != KIND_SNP)
        return true;
    if (!tsm_snp_is_ours(bytes, a->report_data, err))
        return false;
    out_step("tsm: a report over %zu bytes of report data, %zu bytes of certificates",
             sizeof a->report_data, bytes.n - SNP_REPORT_SIZE);
    if (!digest(HASH_SHA256, span_cut(bytes, 0, SNP_REPORT_SIZE), a->tqh))
        return err_fail(err, SITUS_INTERNAL, TSM_PART, "tqh", SITUS_NO_OFFSET, NULL, NULL);
    *value = bytes;
    return true;
}
