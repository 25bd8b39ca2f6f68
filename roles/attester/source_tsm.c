/* The TD quote: report data of DESIGN: messages, and TQH of what came back; zero, the hash of no
 * quote, where there is no TD. */
#include "attester/attest.h"

#include "crypto/digest.h"
#include "frame/out.h"
#include "tee/intel/quote.h"

bool source_tsm(struct attest *a, struct span *value, struct situs_err *err)
{
    uint8_t k[32], report[TSM_REPORT_SIZE];
    bool there = false;
    size_t size;
    const struct attest_config *c = a->config;
    struct quote q;
    if (!c->tsm)
        return true;
    uint8_t *out = arena_take(&a->arena, LIMIT_QUOTE);
    if (!out)
        return err_fail(err, SITUS_NO_MEMORY, TSM_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    if (!bind_key(channel_spki(a->channel), k) ||
        !bind_report_data(a->akh, a->nonce, k, a->report_data))
        return err_fail(err, SITUS_INTERNAL, TSM_PART, "report_data", SITUS_NO_OFFSET, NULL, NULL);
    if (!tsm_quote(c->files, c->tsm, a->report_data, out, LIMIT_QUOTE, &size, err) ||
        (c->td_device &&
         !tsm_report(c->files, c->td_device, a->report_data, report, &there, err)) ||
        !tsm_quote_is_ours(span_of(out, size), a->report_data, there ? report : NULL, err) ||
        !quote_read(&q, span_of(out, size), err))
        return false;
    out_step("tsm: a TD quote over %zu bytes of report data, %zu bytes", sizeof a->report_data,
             size);
    if (!digest(HASH_SHA256, q.whole, a->tqh))
        return err_fail(err, SITUS_INTERNAL, TSM_PART, "tqh", SITUS_NO_OFFSET, NULL, NULL);
    *value = span_of(out, size);
    return true;
}
