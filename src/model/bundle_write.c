/* Writing a bundle, CBOR and JSON (draft-ietf-rats-msg-wrap 3.1 and 3.3); see bundle.h. */
#include "codec/cbor.h"
#include "codec/json_out.h"
#include "model/bundle.h"

/* The order of text keys in deterministic CBOR (RFC 8949 4.2.1): heads rise with the length. */
static int key_compare(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    return n == m ? strcmp(a, b) : n < m ? -1 : 1;
}

/* The item whose label comes next after the label last (NULL: first), or NULL. */
static const struct item *next_item(const struct bundle *b, const char *last)
{
    const struct item *next = NULL;
    for (size_t i = 0; i < b->n; i++) {
        const struct item *item = &b->item[i];
        if (last && key_compare(item->label, last) <= 0)
            continue;
        if (!next || key_compare(item->label, next->label) < 0)
            next = item;
    }
    return next;
}

static void put_cbor(struct cbor_out *o, const struct item *item)
{
    const struct item_row *row = item_row(item->kind);
    cbor_put_text(o, span_text(item->label));
    cbor_put_array(o, 3);
    cbor_put_text(o, span_text(row->type));
    cbor_put_bytes(o, item->value);
    cbor_put_uint(o, row->ind);
}

static bool write_cbor(const struct bundle *b, struct wr *w)
{
    struct cbor_out o = cbor_out_new(w);
    bool typed = false;
    const char *last = NULL;
    cbor_put_map(&o, b->n + 1);
    for (size_t i = 0; i <= b->n; i++) {
        const struct item *item = next_item(b, last);
        if (!typed && (!item || key_compare(item->label, BUNDLE_TYPE_KEY) > 0)) {
            cbor_put_text(&o, SPAN_LIT(BUNDLE_TYPE_KEY));
            cbor_put_text(&o, SPAN_LIT(BUNDLE_TYPE));
            typed = true;
            continue;
        }
        put_cbor(&o, item);
        last = item->label;
    }
    return cbor_put_end(&o);
}

static void put_json(struct json_out *o, const struct item *item)
{
    const struct item_row *row = item_row(item->kind);
    json_out_name(o, item->label);
    json_out_array(o);
    json_out_string(o, row->type);
    json_out_base64url(o, item->value);
    json_out_num(o, row->ind);
    json_out_close(o);
}

static bool write_json(const struct bundle *b, struct wr *w)
{
    struct json_out o = json_out_new(w, true);
    json_out_object(&o);
    json_out_pair_string(&o, BUNDLE_TYPE_KEY, BUNDLE_TYPE);
    for (const struct item *item = next_item(b, NULL); item; item = next_item(b, item->label))
        put_json(&o, item);
    json_out_close(&o);
    bool ok = json_out_end(&o);
    wr_u8(w, '\n');
    return ok && wr_ok(w);
}

bool bundle_write(const struct bundle *b, bool json, struct wr *w)
{
    return json ? write_json(b, w) : write_cbor(b, w);
}
