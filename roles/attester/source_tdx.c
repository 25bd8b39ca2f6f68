/* The TD quote, if it is this TD's; and TQH: zero, the hash of no quote, where there is no TEE. */
#include "attester/attest.h"

#include "crypto/digest.h"
#include "frame/out.h"
#include "tee/intel/quote.h"

bool source_tdx(struct attest *a, struct span *value, struct situs_err *err)
{
    uint8_t report[TSM_REPORT_SIZE];
    const uint8_t *own = a->td_report;
    bool there = false;
    const struct attest_config *c = a->config;
    struct span bytes = span_of(a->tee.bytes, a->tee.size);
    struct quote q;
    if (a->tee.tee != KIND_TDX)
        return true;
    if (!own && c->td_device &&
        !tsm_report(c->files, c->td_device, a->report_data, report, &there, err))
        return false;
    own = there ? report : own;
    if (!tsm_quote_is_ours(bytes, a->report_data, own, err) || !quote_read(&q, bytes, err))
        return false;
    out_step("tsm: a TD quote over %zu bytes of report data, %zu bytes", sizeof a->report_data,
             bytes.n);
    if (!digest(HASH_SHA256, q.whole, a->tqh))
        return err_fail(err, SITUS_INTERNAL, TSM_PART, "tqh", SITUS_NO_OFFSET, NULL, NULL);
    *value = bytes;
    return true;
}
