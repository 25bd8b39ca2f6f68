/* The writer of signed id lists; see id_list_write.h. */
#include "endorse/id_list/id_list_write.h"

#include "base/text.h"

#define HEAD_ROOM (2 * LIMIT_LIST_TEXT + 256) /* owner, facility; the rest is small */

static bool fail(struct situs_err *err, enum situs_code code, const char *field,
                 const char *expected)
{
    return err_fail(err, code, ID_LIST_PART, field, SITUS_NO_OFFSET, expected, NULL);
}

static bool check_meta(const struct id_list_meta *m, struct situs_err *err)
{
    if (m->salt.n && (m->salt.n < ID_LIST_SALT_MIN || m->salt.n > ID_LIST_SALT_MAX))
        return fail(err, SITUS_MALFORMED, "salt", "16 to 64 bytes");
    if (m->count == 0 || m->count > LIMIT_LIST / ID_LIST_HASH_SIZE)
        return fail(err, SITUS_MALFORMED, "entries", "at least one, and room for all");
    return signed_doc_check(m->number, m->valid, ID_LIST_PART, err) &&
           signed_doc_check_text(m->owner, ID_LIST_PART, "owner", err) &&
           signed_doc_check_text(m->facility, ID_LIST_PART, "facility", err);
}

/* The payload up to the first entry. */
static struct span put_head(struct wr *w, const struct id_list_meta *m, size_t size)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, m->salt.n ? 8 : 7);
    cbor_put_uint(&o, ID_LIST_NUMBER);
    cbor_put_uint(&o, m->number);
    cbor_put_uint(&o, ID_LIST_THIS_UPDATE);
    cbor_put_uint(&o, (uint64_t)m->valid.from);
    cbor_put_uint(&o, ID_LIST_NEXT_UPDATE);
    cbor_put_uint(&o, (uint64_t)m->valid.to);
    cbor_put_uint(&o, ID_LIST_OWNER);
    cbor_put_text(&o, m->owner);
    cbor_put_uint(&o, ID_LIST_FACILITY);
    cbor_put_text(&o, m->facility);
    cbor_put_uint(&o, ID_LIST_KIND);
    cbor_put_text(&o, span_text(listing_kind_name(m->kind)));
    if (m->salt.n) {
        cbor_put_uint(&o, ID_LIST_SALT);
        cbor_put_bytes(&o, m->salt);
    }
    cbor_put_uint(&o, ID_LIST_ENTRIES);
    cbor_put_bytes_head(&o, m->count * size);
    cbor_put_end(&o);
    return wr_span(w);
}

bool id_list_write_begin(struct id_list_writer *w, const struct id_list_meta *meta,
                         const struct signed_doc_issuer *issuer, cose_put *put, void *to,
                         struct situs_err *err)
{
    uint8_t bytes[HEAD_ROOM];
    struct wr head = wr_new(bytes, sizeof bytes);
    *w = (struct id_list_writer){.left = meta->count};
    if (!check_meta(meta, err))
        return false;
    w->size = meta->salt.n ? ID_LIST_HASH_SIZE : listing_kind_size(meta->kind);
    struct span first = put_head(&head, meta, w->size);
    if (!signed_doc_begin(&w->cose, ID_LIST_TYPE, issuer, first.n + meta->count * w->size, put, to,
                          err))
        return false;
    cose_add(&w->cose, first);
    return true;
}

bool id_list_write_add(struct id_list_writer *w, struct span entry, struct situs_err *err)
{
    if (entry.n != w->size || w->left == 0)
        return fail(err, SITUS_MALFORMED, "entries", "whole entries, as many as were announced");
    int order = w->any ? memcmp(w->last, entry.p, w->size) : -1;
    if (order >= 0)
        return fail(err, order ? SITUS_MALFORMED : SITUS_DUPLICATE, "entries",
                    "entries in rising order, each once");
    memcpy(w->last, entry.p, w->size);
    w->any = true;
    w->left--;
    cose_add(&w->cose, entry);
    return true;
}

bool id_list_write_end(struct id_list_writer *w, struct situs_err *err)
{
    return cose_end(&w->cose) || fail(err, SITUS_INTERNAL, "signature", "a complete list");
}
