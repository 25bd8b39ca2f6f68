/* The TEE's evidence, of whichever kind this guest is: over the report data of DESIGN: messages. */
#include "attester/attest.h"

bool source_tsm(struct attest *a, struct span *value, struct situs_err *err)
{
    uint8_t k[32];
    const struct attest_config *c = a->config;
    (void)value;
    if (!c->tsm)
        return true;
    a->tee = (struct tsm_answer){.bytes = arena_take(&a->arena, LIMIT_QUOTE), .room = LIMIT_QUOTE};
    if (!a->tee.bytes)
        return err_fail(err, SITUS_NO_MEMORY, TSM_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    if (!bind_key(channel_spki(a->channel), k) ||
        !bind_report_data(a->akh, a->nonce, k, a->report_data))
        return err_fail(err, SITUS_INTERNAL, TSM_PART, "report_data", SITUS_NO_OFFSET, NULL, NULL);
    return tsm_ask(c->files, c->tsm, a->report_data, &a->tee, err);
}
