/* The derived ids of an ownership endorsement (section 3.5.1); see poe_ids.h. */
#include "support/poe_ids.h"

#include "base/wr.h"
#include "crypto/digest.h"
#include "endorse/poe/poe_wire.h"

static bool uuid8(const struct span *parts, size_t n, uint8_t out[POE_UUID_SIZE])
{
    uint8_t hash[48];
    if (!digest_parts(HASH_SHA384, parts, n, hash))
        return false;
    memcpy(out, hash, POE_UUID_SIZE);
    out[6] = (out[6] & 0x0f) | 0x80; /* RFC 9562, 5.8: version 8 */
    out[8] = (out[8] & 0x3f) | 0x80; /* variant */
    return true;
}

/* The payload without key 0: the bytes before and after that pair, under a head with one less. */
bool poe_ids(const struct poe *p, uint8_t tag_id[POE_UUID_SIZE], uint8_t id[POE_UUID_SIZE])
{
    struct situs_err err = {0};
    struct cbor_keys keys;
    uint8_t head[16];
    struct span in = p->cose.payload, before = {NULL, 0}, after = {NULL, 0};
    struct cbor c = cbor_foreign(in, 0, "", &keys, &err);
    cbor_tag_is(&c, TAG_CORIM, "");
    size_t n = cbor_map(&c, ""), from = cbor_at(&c);
    for (size_t i = 0; i < n && cbor_ok(&c); i++) {
        size_t key_at = cbor_at(&c);
        int64_t key = poe_wire_key(&c, "");
        cbor_skip(&c, "");
        if (key != 0 || !cbor_ok(&c))
            continue;
        before = span_cut(in, from, key_at - from);
        after = span_cut(in, cbor_at(&c), in.n - cbor_at(&c));
    }
    cbor_leave(&c, "");
    if (!cbor_end(&c, "") || !before.p)
        return false;
    struct wr w = wr_new(head, sizeof head);
    struct cbor_out o = cbor_out_new(&w);
    cbor_put_tag(&o, TAG_CORIM);
    cbor_put_map(&o, n - 1); /* left open: its pairs follow as they were received */
    const struct span parts[] = {wr_span(&w), before, after};
    return uuid8(&p->triples, 1, tag_id) && uuid8(parts, 3, id);
}
