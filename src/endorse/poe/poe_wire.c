/* Steps of both readers of ownership endorsements; see poe_wire.h. */
#include "endorse/poe/poe_wire.h"

#include "base/text.h"

void poe_wire_array(struct cbor *c, size_t size, const char *field)
{
    size_t at = cbor_at(c), n = cbor_array(c, field);
    if (!cbor_ok(c) || n == size)
        return;
    enum situs_code code = size > 1 ? SITUS_MALFORMED : n ? SITUS_DUPLICATE : SITUS_MISSING;
    cbor_fail(c, code, field, at, TEXT_NUM(size), TEXT_NUM(n));
}

int64_t poe_wire_key(struct cbor *c, const char *field)
{
    if (cbor_peek(c) == CBOR_UINT || cbor_peek(c) == CBOR_NINT)
        return cbor_int(c, field);
    cbor_skip(c, field);
    return INT64_MIN;
}

void poe_wire_need(struct cbor *c, bool given, const char *field, const char *what)
{
    if (cbor_ok(c) && !given)
        cbor_fail(c, SITUS_MISSING, field, SITUS_NO_OFFSET, what, "none");
}

struct poe_id poe_wire_id(struct cbor *c, const char *field)
{
    struct poe_id id = {.text = cbor_peek(c) == CBOR_TEXT};
    size_t at = cbor_at(c);
    id.v = id.text ? cbor_text(c, field) : cbor_bytes(c, field);
    if (cbor_ok(c) && (id.text ? id.v.n == 0 : id.v.n != POE_UUID_SIZE))
        cbor_fail(c, SITUS_MALFORMED, field, at, "16 bytes or text", TEXT_BYTES(id.v.n));
    return id;
}
