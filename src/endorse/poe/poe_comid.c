/* The statement inside an ownership endorsement: one CoMID with one record; see poe.h. */
#include "base/text.h"
#include "endorse/poe/poe_wire.h"

/* What one side of the record must be: the condition (which platform) or the endorsement
 * (whose). */
struct side {
    const char *list, *environment, *measurements, *values, *authorized_by, *value;
    const char *oid;
    int64_t key;
};

static const struct side condition = {"condition",
                                      "condition.environment",
                                      "condition.measurements",
                                      "condition.values",
                                      "condition.authorized_by",
                                      "condition.piid",
                                      POE_OID_PIID,
                                      VALUE_PIID};
static const struct side endorsement = {"endorsement",
                                        "endorsement.environment",
                                        "endorsement.measurements",
                                        "endorsement.values",
                                        "endorsement.authorized_by",
                                        "endorsement.owner_name",
                                        POE_OID_OWNER,
                                        VALUE_OWNER};

/* Finds key in the map that comes next, and leaves the reader at its value: other entries before it
 * are skipped, and left counts those behind it. False when there is none. */
static bool find(struct cbor *c, int64_t key, size_t *left, const char *field)
{
    for (*left = cbor_map(c, field); *left > 0 && cbor_ok(c);) {
        int64_t k = poe_wire_key(c, field);
        --*left;
        if (k == key && cbor_ok(c))
            return true;
        cbor_skip(c, field);
    }
    return false;
}

/* Skips what is behind the entry that find found, and closes the map. */
static void rest(struct cbor *c, size_t left, const char *field)
{
    for (; left > 0 && cbor_ok(c); left--) {
        cbor_skip(c, field);
        cbor_skip(c, field);
    }
    cbor_leave(c, field);
}

/* {0: {0: 111(oid)}}; other keys of environment and class are ignored (section 3.1.2). */
static void read_environment(struct cbor *c, const struct side *s)
{
    size_t outer, inner;
    bool given = find(c, 0, &outer, s->environment) && find(c, 0, &inner, s->environment);
    poe_wire_need(c, given, s->environment, "a class-id");
    if (!given)
        return;
    size_t at = cbor_at(c);
    cbor_tag_is(c, TAG_OID, s->environment);
    struct span oid = cbor_bytes(c, s->environment);
    if (cbor_ok(c) && !span_equal(oid, span_of(s->oid, POE_OID_SIZE)))
        cbor_fail(c, SITUS_MISMATCH, s->environment, at, TEXT_HEX(span_of(s->oid, POE_OID_SIZE)),
                  TEXT_HEX(oid));
    rest(c, inner, s->environment);
    rest(c, outer, s->environment);
}

/* Sections 4.3 and 4.4: 16 or 32 bytes; 1 to 1024 bytes of UTF-8. */
static void read_value(struct cbor *c, struct poe *p, const struct side *s)
{
    size_t at = cbor_at(c);
    if (s->key == VALUE_PIID) {
        p->piid = cbor_bytes(c, s->value);
        if (cbor_ok(c) && p->piid.n != 16 && p->piid.n != 32)
            cbor_fail(c, SITUS_MALFORMED, s->value, at, "16 or 32 bytes", TEXT_BYTES(p->piid.n));
        return;
    }
    p->owner = cbor_text(c, s->value);
    if (cbor_ok(c) && (p->owner.n == 0 || p->owner.n > POE_OWNER_MAX))
        cbor_fail(c, SITUS_MALFORMED, s->value, at, "1 to 1024 bytes", TEXT_BYTES(p->owner.n));
}

static void read_values(struct cbor *c, struct poe *p, const struct side *s)
{
    size_t left;
    bool given = find(c, s->key, &left, s->values);
    poe_wire_need(c, given, s->value, TEXT_NUM(s->key));
    if (!given)
        return;
    read_value(c, p, s);
    rest(c, left, s->values);
}

/* A measurement-map; authorized-by is refused on either side (section 3.1.2). */
static void read_measurement(struct cbor *c, struct poe *p, const struct side *s)
{
    bool given = false;
    for (size_t n = cbor_map(c, s->measurements); n > 0 && cbor_ok(c); n--) {
        size_t at = cbor_at(c);
        int64_t key = poe_wire_key(c, s->measurements);
        if (!cbor_ok(c))
            return;
        if (key == MEASUREMENT_AUTHORIZED_BY) {
            cbor_fail(c, SITUS_NOT_ALLOWED, s->authorized_by, at, "no authorized-by", NULL);
        } else if (key == MEASUREMENT_VALUE) {
            read_values(c, p, s);
            given = true;
        } else { /* mkey (0) must not change the result */
            cbor_skip(c, s->measurements);
        }
    }
    cbor_leave(c, s->measurements);
    poe_wire_need(c, given, s->values, "a measurement-values-map");
}

/* [ [ environment, [ measurement ] ] ] */
static void read_side(struct cbor *c, struct poe *p, const struct side *s)
{
    poe_wire_array(c, 1, s->list);
    poe_wire_array(c, 2, s->list);
    read_environment(c, s);
    poe_wire_array(c, 1, s->measurements);
    read_measurement(c, p, s);
    cbor_leave(c, s->measurements);
    cbor_leave(c, s->list);
    cbor_leave(c, s->list);
}

/* Section 4.2: one conditional endorsement. CoRIM's other triples would say more than ownership;
 * keys that CoRIM does not have are ignored (section 3.1.2). */
static void read_triples(struct cbor *c, struct poe *p)
{
    const char *field = "comid.triples";
    bool given = false;
    for (size_t n = cbor_map(c, field); n > 0 && cbor_ok(c); n--) {
        size_t at = cbor_at(c);
        int64_t key = poe_wire_key(c, field);
        if (key == TRIPLE_CONDITIONAL_ENDORSEMENT) {
            poe_wire_array(c, 1, field);
            poe_wire_array(c, 2, "comid.record");
            read_side(c, p, &condition);
            read_side(c, p, &endorsement);
            cbor_leave(c, "comid.record");
            cbor_leave(c, field);
            given = true;
        } else if (cbor_ok(c) && key >= 0 && key < TRIPLE_CONDITIONAL_ENDORSEMENT) {
            cbor_fail(c, SITUS_UNSUPPORTED, field, at, "conditional-endorsement-triples (10)",
                      TEXT_NUM(key));
        } else {
            cbor_skip(c, field);
        }
    }
    cbor_leave(c, field);
    poe_wire_need(c, given, field, "one record");
}

static struct poe_id read_tag_id(struct cbor *c)
{
    const char *field = "comid.tag_identity";
    struct poe_id id = {.text = false};
    size_t left;
    bool given = find(c, 0, &left, field);
    poe_wire_need(c, given, field, "a tag-id");
    if (!given)
        return id;
    id = poe_wire_id(c, field);
    rest(c, left, field);
    return id;
}

bool poe_read_comid(struct cbor *c, struct poe *p)
{
    bool identity = false, triples = false;
    for (size_t n = cbor_map(c, "comid"); n > 0 && cbor_ok(c); n--) {
        int64_t key = poe_wire_key(c, "comid");
        if (key == COMID_TAG_IDENTITY) {
            p->tag_id = read_tag_id(c);
            identity = true;
        } else if (key == COMID_TRIPLES) {
            struct cbor whole = *c;
            read_triples(c, p);
            p->triples = cbor_ok(c) ? span_of(whole.r.in.p + whole.r.pos, c->r.pos - whole.r.pos)
                                    : span_of(NULL, 0);
            triples = true;
        } else {
            cbor_skip(c, "comid");
        }
    }
    cbor_leave(c, "comid");
    poe_wire_need(c, identity, "comid.tag_identity", "a tag-id");
    poe_wire_need(c, triples, "comid.triples", "one record");
    return cbor_end(c, "comid");
}
