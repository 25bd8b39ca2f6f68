/* Reading of signed id lists; see id_list.h. */
#include "endorse/id_list/id_list.h"

#include "base/text.h"
#include "crypto/digest.h"

static void read_kind(struct cbor *c, struct id_list *l)
{
    signed_doc_key(c, ID_LIST_KIND, "kind");
    size_t at = cbor_at(c);
    struct span word = cbor_text(c, "kind");
    for (unsigned k = 0; k < LISTING_KIND_COUNT; k++) {
        l->kind = (enum listing_kind)k;
        if (span_equal(word, span_text(listing_kind_name(l->kind))))
            return;
    }
    if (cbor_ok(c))
        cbor_fail(c, SITUS_UNKNOWN, "kind", at, "ppid or chip_id", TEXT_CUT(word));
}

static void read_salt(struct cbor *c, struct id_list *l)
{
    signed_doc_key(c, ID_LIST_SALT, "salt");
    size_t at = cbor_at(c);
    l->salt = cbor_bytes(c, "salt");
    if (cbor_ok(c) && (l->salt.n < ID_LIST_SALT_MIN || l->salt.n > ID_LIST_SALT_MAX))
        cbor_fail(c, SITUS_MALFORMED, "salt", at, "16 to 64 bytes", TEXT_BYTES(l->salt.n));
}

/* Whole entries in rising order: the binary search is right, and no entry is there twice. */
static void read_entries(struct cbor *c, struct id_list *l)
{
    l->size = l->salt.n ? ID_LIST_HASH_SIZE : listing_kind_size(l->kind);
    signed_doc_key(c, ID_LIST_ENTRIES, "entries");
    size_t at = cbor_at(c);
    l->entries = cbor_bytes(c, "entries");
    if (!cbor_ok(c))
        return;
    if (l->entries.n == 0 || l->entries.n % l->size) {
        cbor_fail(c, SITUS_MALFORMED, "entries", at, "one or more whole entries",
                  TEXT_BYTES(l->entries.n));
        return;
    }
    size_t base = cbor_at(c) - l->entries.n;
    for (size_t i = l->size; i < l->entries.n; i += l->size) {
        int order = memcmp(l->entries.p + i - l->size, l->entries.p + i, l->size);
        if (order >= 0) {
            cbor_fail(c, order ? SITUS_MALFORMED : SITUS_DUPLICATE, "entries", base + i,
                      "entries in rising order, each once", order ? "a lower one" : "one again");
            return;
        }
    }
}

static bool read_payload(struct id_list *l, struct situs_err *err)
{
    struct cbor c = cbor_new(l->doc.cose.payload, l->doc.cose.payload_at, l->doc.part, err);
    size_t at = cbor_at(&c), n = cbor_map(&c, "payload");
    if (cbor_ok(&c) && n != 7 && n != 8)
        cbor_fail(&c, SITUS_MALFORMED, "payload", at, "7 members, or 8 with a salt", TEXT_NUM(n));
    signed_doc_number(&c, ID_LIST_NUMBER, &l->number);
    signed_doc_window(&c, ID_LIST_THIS_UPDATE, ID_LIST_NEXT_UPDATE, &l->valid);
    l->owner = signed_doc_text(&c, ID_LIST_OWNER, "owner");
    l->facility = signed_doc_text(&c, ID_LIST_FACILITY, "facility");
    read_kind(&c, l);
    if (n == 8)
        read_salt(&c, l);
    read_entries(&c, l);
    cbor_leave(&c, "payload");
    return cbor_end(&c, "payload");
}

bool id_list_read(struct id_list *l, struct span in, struct situs_err *err)
{
    *l = (struct id_list){0};
    if (signed_doc_read(&l->doc, in, ID_LIST_TYPE, ID_LIST_PART, err) && read_payload(l, err))
        return true;
    *l = (struct id_list){0};
    return false;
}

struct span id_list_entry(struct span salt, struct span id, uint8_t buffer[ID_LIST_HASH_SIZE])
{
    if (salt.n == 0)
        return id;
    bool ok = digest2(HASH_SHA256, salt, id, buffer);
    return ok ? span_of(buffer, ID_LIST_HASH_SIZE) : span_of(NULL, 0);
}

struct span id_list_find(const struct id_list *l, struct span id)
{
    uint8_t buffer[ID_LIST_HASH_SIZE];
    if (id.n != listing_kind_size(l->kind))
        return span_of(NULL, 0);
    struct span wanted = id_list_entry(l->salt, id, buffer);
    size_t low = 0, high = wanted.n && wanted.n == l->size ? l->entries.n / l->size : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct span entry = span_cut(l->entries, middle * l->size, l->size);
        int order = span_compare(wanted, entry);
        if (order == 0)
            return entry;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return span_of(NULL, 0);
}
