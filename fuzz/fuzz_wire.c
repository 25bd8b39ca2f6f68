/* What a VM, an agent and an attester say to each other is read or refused; the first byte
 * chooses. */
#include <assert.h>

#include "oracle.h"
#include "wire/attest_answer.h"
#include "wire/platform.h"
#include "wire/wire.h"

enum kind { REQUEST, KEY, QUOTE, REFUSAL, ANSWER, QUESTION };
const char *const oracles[] = {"request", "key", "quote", "refusal", "answer", "question", NULL};

/* Each reader's word for "read" and its error agree. */
static bool agrees(bool read, const struct situs_err *err)
{
    assert(read == (err->code == SITUS_NONE));
    return read;
}

static bool platform_quote(struct span body, struct situs_err *err)
{
    static uint8_t room[96 * 1024];
    struct wr value = wr_new(room, sizeof room);
    struct tpm_value v;
    struct span log;
    struct situs_err inner = {0};
    if (!platform_quote_read(body, &value, &log, err))
        return false;
    assert(wr_ok(&value) && tpm_value_read(&v, wr_span(&value), "platform", &inner));
    return true;
}

static bool request(struct span body, struct situs_err *err)
{
    struct platform_request q;
    if (!platform_request_read(&q, body, err))
        return false;
    assert(!q.quote || (q.nonce.n == 32 && q.tqh.n == 32));
    return true;
}

static bool reads(enum kind kind, struct span body, struct situs_err *err)
{
    uint8_t nonce[32];
    struct span found;
    switch (kind) {
    case REQUEST:
        return request(body, err);
    case KEY:
        return agrees(platform_key_read(&found, body, err), err);
    case QUOTE:
        return platform_quote(body, err);
    case REFUSAL:
        return !agrees(!wire_refused(body, "peer", err), err);
    case ANSWER:
        return agrees(attest_answer_read(body, &found, err), err);
    case QUESTION:
        return agrees(attest_question_read(body, nonce, err), err);
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct situs_err err = {0};
    if (size && data[0] <= QUESTION && reads((enum kind)data[0], span_of(data + 1, size - 1), &err))
        oracle_ran(data[0]);
    return 0;
}
