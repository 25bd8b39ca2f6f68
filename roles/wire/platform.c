/* The platform socket's messages; see platform.h. */
#include "wire/platform.h"

#include "base/text.h"
#include "codec/cbor.h"

#define KEY_PUBLIC 2 /* in every answer as in model/tpm_value.h */
#define KEY_LOG 5
#define QUOTE_ROOM (64 * 1024) /* the quote, its registers and certificates */
#define MAP_HEAD 0xa0          /* of a map of fewer than 24 pairs (RFC 8949 3.1) */

static struct span key32(struct cbor *c, int64_t key, const char *field)
{
    size_t at = cbor_at(c);
    if (cbor_int(c, field) != key)
        cbor_fail(c, SITUS_UNKNOWN, field, at, TEXT_NUM(key), NULL);
    at = cbor_at(c);
    struct span s = cbor_bytes(c, field);
    if (cbor_ok(c) && s.n != 32)
        cbor_fail(c, SITUS_MALFORMED, field, at, TEXT_BYTES(32), TEXT_BYTES(s.n));
    return s;
}

bool platform_request_read(struct platform_request *q, struct span body, struct situs_err *err)
{
    *q = (struct platform_request){0};
    struct cbor c = cbor_new(body, 0, PLATFORM_PART, err);
    size_t n = cbor_map(&c, "request");
    q->quote = n > 0;
    if (n > 0) {
        q->nonce = key32(&c, 0, "nonce");
        q->tqh = key32(&c, 1, "tqh");
    }
    if (cbor_leave(&c, "request") && cbor_end(&c, "request"))
        return true;
    *q = (struct platform_request){0};
    return false;
}

void platform_request_write(struct wr *w, const struct platform_request *q)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, q->quote ? 2 : 0);
    if (q->quote) {
        cbor_put_uint(&o, 0);
        cbor_put_bytes(&o, q->nonce);
        cbor_put_uint(&o, 1);
        cbor_put_bytes(&o, q->tqh);
    }
    cbor_put_end(&o);
}

void platform_key_write(struct wr *w, struct span public)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 1);
    cbor_put_uint(&o, KEY_PUBLIC);
    cbor_put_bytes(&o, public);
    cbor_put_end(&o);
}

bool platform_key_read(struct span *public, struct span body, struct situs_err *err)
{
    struct cbor c = cbor_new(body, 0, PLATFORM_PART, err);
    size_t n = cbor_map(&c, "answer"), at = cbor_at(&c);
    if (cbor_ok(&c) && (n != 1 || cbor_int(&c, "answer") != KEY_PUBLIC))
        cbor_fail(&c, SITUS_UNKNOWN, "answer", at, "the public key alone", NULL);
    *public = cbor_bytes(&c, "public");
    return cbor_leave(&c, "answer") && cbor_end(&c, "answer");
}

bool platform_quote_write(struct wr *w, const struct tpm_value *v, struct span log)
{
    uint8_t room[QUOTE_ROOM];
    struct wr quote = wr_new(room, sizeof room);
    if (!tpm_value_write(v, &quote) || !wr_ok(&quote))
        return false;
    /* The log is one pair more, after the others: its key is the largest. */
    wr_u8(w, (uint8_t)(room[0] + (log.n > 0)));
    wr_bytes(w, span_of(room + 1, quote.n - 1));
    if (log.n) {
        struct cbor_out key = cbor_out_new(w), value = cbor_out_new(w);
        cbor_put_uint(&key, KEY_LOG);
        cbor_put_bytes(&value, log);
    }
    return wr_ok(w);
}

bool platform_quote_read(struct span body, struct wr *value, struct span *log,
                         struct situs_err *err)
{
    struct cbor c = cbor_new(body, 0, PLATFORM_PART, err);
    size_t pairs = cbor_map(&c, "answer"), kept = pairs;
    size_t from = cbor_at(&c), to = from;
    *log = span_of(NULL, 0);
    for (size_t i = 0; i < pairs && cbor_ok(&c); i++) {
        if (cbor_int(&c, "answer") == KEY_LOG) {
            *log = cbor_bytes(&c, "launch log");
            kept--;
        } else {
            cbor_skip(&c, "answer");
            to = cbor_at(&c);
        }
    }
    if (!cbor_leave(&c, "answer") || !cbor_end(&c, "answer"))
        return false;
    /* Keys are in order and the log's is the largest, so what is kept is in one piece. */
    struct tpm_value v;
    size_t start = value->n;
    wr_u8(value, (uint8_t)(MAP_HEAD + (kept < 24 ? kept : 23)));
    wr_bytes(value, span_cut(body, from, to - from));
    if (!wr_ok(value))
        return err_fail(err, SITUS_TOO_LONG, PLATFORM_PART, "answer", SITUS_NO_OFFSET, NULL, NULL);
    return tpm_value_read(&v, span_of(value->p + start, value->n - start), PLATFORM_PART, err);
}
