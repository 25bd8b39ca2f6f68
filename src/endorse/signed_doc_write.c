/* Our signed lists' envelope, written; see signed_doc_write.h. */
#include "endorse/signed_doc_write.h"

#include "base/text.h"

#define PART "list"
#define CHAIN_ROOM (LIMIT_CHAIN_CERTS * (LIMIT_CERT + 8))

bool signed_doc_check(uint64_t number, struct window valid, const char *part, struct situs_err *err)
{
    if (number == 0 || number > INT64_MAX)
        return err_fail(err, SITUS_MALFORMED, part, "number", SITUS_NO_OFFSET,
                        "1 or more, of 63 bits", NULL);
    if (valid.from < 0 || valid.to <= valid.from || valid.to > SIGNED_DOC_TIME_MAX)
        return err_fail(err, SITUS_MALFORMED, part, "next_update", SITUS_NO_OFFSET,
                        "a time after this_update", TEXT_NUM(valid.to));
    return true;
}

bool signed_doc_check_text(struct span text, const char *part, const char *field,
                           struct situs_err *err)
{
    if (text.n > 0 && text.n <= LIMIT_LIST_TEXT && text_utf8(text))
        return true;
    return err_fail(err, SITUS_MALFORMED, part, field, SITUS_NO_OFFSET, "1 to 1024 bytes of UTF-8",
                    TEXT_BYTES(text.n));
}

static struct span put_unprotected(struct wr *w, const struct signed_doc_issuer *issuer)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 1);
    cbor_put_int(&o, COSE_X5CHAIN);
    if (issuer->n_chain > 1)
        cbor_put_array(&o, issuer->n_chain);
    for (size_t i = 0; i < issuer->n_chain; i++)
        cbor_put_bytes(&o, issuer->chain[i]);
    return cbor_put_end(&o) ? wr_span(w) : span_of(NULL, 0);
}

bool signed_doc_begin(struct cose_writer *w, const char *content_type,
                      const struct signed_doc_issuer *issuer, size_t payload_size, cose_put *put,
                      void *to, struct situs_err *err)
{
    uint8_t head[128], chain[CHAIN_ROOM];
    struct wr p = wr_new(head, sizeof head), u = wr_new(chain, sizeof chain);
    if (payload_size > LIMIT_LIST - sizeof chain)
        return err_fail(err, SITUS_TOO_LONG, PART, "payload", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_LIST), TEXT_BYTES(payload_size));
    if (!verify_key_on(sign_key_public(issuer->key), CURVE_P384))
        return err_fail(err, SITUS_UNSUPPORTED, PART, "key", SITUS_NO_OFFSET, "P-384",
                        "another curve");
    if (issuer->n_chain == 0 || issuer->n_chain > LIMIT_CHAIN_CERTS)
        return err_fail(err, SITUS_MALFORMED, PART, "x5chain", SITUS_NO_OFFSET,
                        "1 to 6 certificates", TEXT_NUM(issuer->n_chain));
    struct cbor_out o = cbor_out_new(&p);
    cbor_put_map(&o, 2);
    cbor_put_int(&o, COSE_ALG);
    cbor_put_int(&o, COSE_ESP384);
    cbor_put_int(&o, COSE_CONTENT_TYPE);
    cbor_put_text(&o, span_text(content_type));
    struct span protected = wr_span(&p), unprotected = put_unprotected(&u, issuer);
    if (protected.n == 0 || unprotected.n == 0)
        return err_fail(err, SITUS_TOO_LONG, PART, "x5chain", SITUS_NO_OFFSET,
                        "certificates of at most 8 KiB each", NULL);
    cose_begin(w, protected, unprotected, payload_size, issuer->key, put, to);
    return true;
}
