/* What a VM, an agent and an attester say to each other is read or refused; the first byte chooses.
 */
#include <assert.h>

#include "attester/attest_answer.h"
#include "wire/platform.h"
#include "wire/wire.h"

static void platform_quote(struct span body, struct situs_err *err)
{
    static uint8_t room[96 * 1024];
    struct wr value = wr_new(room, sizeof room);
    struct tpm_value v;
    struct span log;
    if (platform_quote_read(body, &value, &log, err)) {
        struct situs_err inner = {0};
        assert(wr_ok(&value) && tpm_value_read(&v, wr_span(&value), "platform", &inner));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct situs_err err = {0};
    struct platform_request q;
    struct span body = span_of(data + 1, size ? size - 1 : 0), found;
    uint8_t nonce[32];
    if (size == 0)
        return 0;
    if (data[0] == 0 && platform_request_read(&q, body, &err))
        assert(!q.quote || (q.nonce.n == 32 && q.tqh.n == 32));
    if (data[0] == 1)
        assert(platform_key_read(&found, body, &err) == (err.code == SITUS_NONE));
    if (data[0] == 2)
        platform_quote(body, &err);
    if (data[0] == 3)
        assert(wire_refused(body, "peer", &err) == (err.code != SITUS_NONE));
    if (data[0] == 4)
        assert(attest_answer_read(body, &found, &err) == (err.code == SITUS_NONE));
    if (data[0] == 5)
        assert(attest_question_read(body, nonce, &err) == (err.code == SITUS_NONE));
    return 0;
}
