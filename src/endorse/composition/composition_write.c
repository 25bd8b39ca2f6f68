/* The writing half of composition.h. */
#include "base/text.h"
#include "endorse/composition/composition.h"

#include <stdlib.h>

#define SIZE COMPOSITION_ID_SIZE
#define ROOM (3 * LIMIT_LIST_TEXT + LIMIT_COMPOSITION_PACKAGES * SIZE + 128) /* heads are small */

static bool fail(struct situs_err *err, enum situs_code code, const char *field,
                 const char *expected)
{
    return err_fail(err, code, COMPOSITION_PART, field, SITUS_NO_OFFSET, expected, NULL);
}

static bool check_terms(const struct composition_terms *t, struct situs_err *err)
{
    if (t->number == 0 || t->number > INT64_MAX)
        return fail(err, SITUS_MALFORMED, "number", "1 or more, of 63 bits");
    if (t->issued < 0 || t->issued > SIGNED_DOC_TIME_MAX)
        return fail(err, SITUS_MALFORMED, "issued", "a time before the year 10000");
    if (t->n_prids == 0)
        return fail(err, SITUS_MALFORMED, "prids", "one or more");
    if (t->n_prids > LIMIT_COMPOSITION_PACKAGES)
        return fail(err, SITUS_TOO_LONG, "prids", "at most 32");
    if (t->piid.n && t->piid.n != SIZE)
        return fail(err, SITUS_MALFORMED, "piid", "16 bytes");
    return signed_doc_check_text(t->supplier, COMPOSITION_PART, "supplier", err) &&
           signed_doc_check_text(t->serial, COMPOSITION_PART, "serial", err) &&
           signed_doc_check_text(t->name, COMPOSITION_PART, "name", err);
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, SIZE);
}

/* sort copies the PRIDs in rising order; false when one is there twice. */
static bool sort(uint8_t sorted[LIMIT_COMPOSITION_PACKAGES][SIZE],
                 const struct composition_terms *t)
{
    memcpy(sorted, t->prids, t->n_prids * SIZE);
    qsort(sorted, t->n_prids, SIZE, by_bytes);
    for (size_t i = 1; i < t->n_prids; i++)
        if (memcmp(sorted[i - 1], sorted[i], SIZE) == 0)
            return false;
    return true;
}

static struct span put_payload(struct wr *w, const struct composition_terms *t, const void *prids)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, t->piid.n ? 7 : 6);
    cbor_put_uint(&o, COMPOSITION_NUMBER);
    cbor_put_uint(&o, t->number);
    cbor_put_uint(&o, COMPOSITION_ISSUED);
    cbor_put_uint(&o, (uint64_t)t->issued);
    cbor_put_uint(&o, COMPOSITION_SUPPLIER);
    cbor_put_text(&o, t->supplier);
    cbor_put_uint(&o, COMPOSITION_SERIAL);
    cbor_put_text(&o, t->serial);
    cbor_put_uint(&o, COMPOSITION_NAME);
    cbor_put_text(&o, t->name);
    cbor_put_uint(&o, COMPOSITION_PRIDS);
    cbor_put_bytes(&o, span_of(prids, t->n_prids * SIZE));
    if (t->piid.n) {
        cbor_put_uint(&o, COMPOSITION_PIID);
        cbor_put_bytes(&o, t->piid);
    }
    return cbor_put_end(&o) ? wr_span(w) : span_of(NULL, 0);
}

bool composition_write(const struct composition_terms *terms,
                       const struct signed_doc_issuer *issuer, cose_put *put, void *to,
                       struct situs_err *err)
{
    uint8_t bytes[ROOM], prids[LIMIT_COMPOSITION_PACKAGES][SIZE];
    struct wr w = wr_new(bytes, sizeof bytes);
    struct cose_writer out;
    if (!check_terms(terms, err))
        return false;
    if (!sort(prids, terms))
        return fail(err, SITUS_DUPLICATE, "prids", "each PRID once");
    struct span payload = put_payload(&w, terms, prids);
    if (payload.n == 0)
        return fail(err, SITUS_INTERNAL, "payload", "room");
    if (!signed_doc_begin(&out, COMPOSITION_TYPE, issuer, payload.n, put, to, err))
        return false;
    cose_add(&out, payload);
    return cose_end(&out) || fail(err, SITUS_INTERNAL, "signature", "a complete manifest");
}
