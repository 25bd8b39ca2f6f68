/* Writing of CoRIMs; see corim_write.h. */
#include "endorse/poe/corim_write.h"

#include "base/text.h"
#include "codec/cbor.h"
#include "endorse/poe/poe_wire.h"

bool corim_write_comid(struct wr *w, struct span id, struct span triples)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 2);
    cbor_put_uint(&o, COMID_TAG_IDENTITY);
    cbor_put_map(&o, 1);
    cbor_put_uint(&o, 0);
    cbor_put_bytes(&o, id);
    cbor_put_uint(&o, COMID_TRIPLES);
    cbor_put_item(&o, triples);
    return cbor_put_end(&o);
}

bool corim_write(struct wr *w, const struct corim *c)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_tag(&o, TAG_CORIM);
    cbor_put_map(&o, 2u + (c->id.n > 0) + (c->profile != NULL));
    if (c->id.n) {
        cbor_put_uint(&o, 0);
        cbor_put_bytes(&o, c->id);
    }
    cbor_put_uint(&o, 1);
    cbor_put_array(&o, 1);
    cbor_put_tag(&o, TAG_COMID);
    cbor_put_bytes(&o, c->comid);
    if (c->profile) {
        cbor_put_uint(&o, 3);
        cbor_put_tag(&o, TAG_URI);
        cbor_put_text(&o, span_text(c->profile));
    }
    cbor_put_uint(&o, 4); /* rim-validity */
    cbor_put_map(&o, 2);
    for (uint64_t end = 0; end < 2; end++) {
        cbor_put_uint(&o, end);
        cbor_put_tag(&o, TAG_EPOCH);
        cbor_put_int(&o, end ? c->valid.to : c->valid.from);
    }
    return cbor_put_end(&o);
}
