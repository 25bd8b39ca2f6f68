/* Question and answer; see attest_answer.h. */
#include "wire/attest_answer.h"

#include "base/text.h"
#include "codec/cbor.h"
#include "wire/wire.h"

#define PART "attester"

void attest_question_write(struct wr *w, struct span nonce)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 1);
    cbor_put_uint(&o, 0);
    cbor_put_bytes(&o, nonce);
    cbor_put_end(&o);
}

bool attest_question_read(struct span body, uint8_t n[BIND_NONCE_SIZE], struct situs_err *err)
{
    struct cbor c = cbor_new(body, 0, PART, err);
    if (cbor_map(&c, "request") != 1 || cbor_int(&c, "request") != 0)
        return cbor_fail(&c, SITUS_UNKNOWN, "request", 0, "the challenge alone", NULL);
    size_t at = cbor_at(&c);
    struct span nonce = cbor_bytes(&c, "nonce");
    if (!cbor_leave(&c, "request") || !cbor_end(&c, "request"))
        return false;
    return bind_enter(nonce, n) ||
           cbor_fail(&c, SITUS_MALFORMED, "nonce", at, BIND_NONCE_SIZES, TEXT_BYTES(nonce.n));
}

static const uint8_t stream[] = {0xa1, 0x01, 0x66, 's', 't', 'r', 'e', 'a', 'm'};

void attest_stream_write(struct wr *w)
{
    wr_bytes(w, SPAN_ARR(stream));
}

bool attest_is_stream(struct span body)
{
    return span_equal(body, SPAN_ARR(stream));
}

bool attest_stream_read(struct span body, const char *part, struct situs_err *err)
{
    if (attest_is_stream(body))
        return true;
    if (!wire_refused(body, part, err))
        err_fail(err, SITUS_UNKNOWN, part, "answer", 0, "a stream", "something else");
    return false;
}

bool attest_answer_write(struct wr *w, struct span bundle, struct span spki)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 2);
    cbor_put_uint(&o, 0);
    cbor_put_bytes(&o, bundle);
    cbor_put_uint(&o, 1);
    cbor_put_bytes(&o, spki);
    return cbor_put_end(&o);
}

bool attest_answer_read(struct span body, struct span *bundle, struct situs_err *err)
{
    *bundle = span_of(NULL, 0);
    if (wire_refused(body, PART, err))
        return false;
    struct cbor c = cbor_new(body, 0, PART, err);
    if (cbor_map(&c, "answer") != 2 || cbor_int(&c, "answer") != 0)
        return cbor_fail(&c, SITUS_UNKNOWN, "answer", 0, "a bundle and a key", NULL);
    struct span found = cbor_bytes(&c, "bundle");
    if (cbor_int(&c, "answer") != 1)
        return cbor_fail(&c, SITUS_UNKNOWN, "answer", 0, "a bundle and a key", NULL);
    cbor_bytes(&c, "spki");
    if (!cbor_leave(&c, "answer") || !cbor_end(&c, "answer"))
        return false;
    *bundle = found;
    return true;
}
