/* Reading of revocation lists; see revocation.h. */
#include "endorse/revocation/revocation.h"

#include "base/text.h"

static const char *const kinds[] = {
#define X(name, number, word) [number] = word,
    REVOCATION_KINDS(X)
#undef X
};

static const char *const reasons[] = {
#define X(name, number, word) [number] = word,
    REVOCATION_REASONS(X)
#undef X
};

const char *revocation_kind_name(unsigned kind)
{
    return kind < sizeof kinds / sizeof *kinds ? kinds[kind] : NULL;
}

const char *revocation_reason_name(unsigned reason)
{
    return reason < sizeof reasons / sizeof *reasons ? reasons[reason] : NULL;
}

/* Whole records, ids in rising order, each with a known reason. */
static bool check_records(struct cbor *c, const struct revocation_group *g, size_t at)
{
    size_t each = g->size + REVOCATION_TAIL;
    if (g->records.n == 0 || g->records.n % each)
        return cbor_fail(c, SITUS_MALFORMED, "records", at, "one or more whole records",
                         TEXT_BYTES(g->records.n));
    size_t base = cbor_at(c) - g->records.n;
    for (size_t i = 0; i < g->records.n; i += each) {
        const uint8_t *record = g->records.p + i;
        int order = i ? memcmp(record - each, record, g->size) : -1;
        if (order >= 0)
            return cbor_fail(c, order ? SITUS_MALFORMED : SITUS_DUPLICATE, "records", base + i,
                             "ids in rising order, each once", order ? "a lower one" : "one again");
        if (!revocation_reason_name(record[g->size]))
            return cbor_fail(c, SITUS_UNKNOWN, "records", base + i + g->size, "a known reason",
                             TEXT_NUM(record[g->size]));
    }
    return true;
}

static bool above(const struct revocation_group *a, const struct revocation_group *b)
{
    return a->kind > b->kind || (a->kind == b->kind && a->size > b->size);
}

static bool read_group(struct cbor *c, struct revocation *r, size_t i)
{
    struct revocation_group *g = &r->group[i];
    size_t at = cbor_at(c), n = cbor_array(c, "groups");
    if (cbor_ok(c) && n != 3)
        return cbor_fail(c, SITUS_MALFORMED, "groups", at, "kind, size and records", TEXT_NUM(n));
    size_t kind_at = cbor_at(c);
    uint64_t kind = cbor_uint(c, "kind");
    size_t size_at = cbor_at(c);
    uint64_t size = cbor_uint(c, "size");
    if (cbor_ok(c) && (kind > REVOCATION_POE_ID || !revocation_kind_name((unsigned)kind)))
        return cbor_fail(c, SITUS_UNKNOWN, "kind", kind_at, "1 to 6", NULL);
    if (cbor_ok(c) && (size == 0 || size > REVOCATION_ID_MAX))
        return cbor_fail(c, SITUS_MALFORMED, "size", size_at, "1 to 255", NULL);
    g->kind = (enum revocation_kind)kind;
    g->size = (size_t)size;
    if (cbor_ok(c) && i && !above(g, g - 1))
        return cbor_fail(c, SITUS_MALFORMED, "groups", at, "groups in rising order, each once",
                         NULL);
    at = cbor_at(c);
    g->records = cbor_bytes(c, "records");
    return cbor_ok(c) && check_records(c, g, at) && cbor_leave(c, "groups");
}

static void read_groups(struct cbor *c, struct revocation *r)
{
    signed_doc_key(c, REVOCATION_GROUPS, "groups");
    size_t at = cbor_at(c), n = cbor_array(c, "groups");
    if (cbor_ok(c) && n > REVOCATION_GROUP_MAX)
        cbor_fail(c, SITUS_TOO_LONG, "groups", at, TEXT_NUM(REVOCATION_GROUP_MAX), TEXT_NUM(n));
    for (size_t i = 0; cbor_ok(c) && i < n; i++)
        read_group(c, r, i);
    r->n_groups = n;
    cbor_leave(c, "groups");
}

static bool read_payload(struct revocation *r, struct situs_err *err)
{
    struct cbor c = cbor_new(r->doc.cose.payload, r->doc.cose.payload_at, r->doc.part, err);
    size_t at = cbor_at(&c), n = cbor_map(&c, "payload");
    if (cbor_ok(&c) && n != 5)
        cbor_fail(&c, SITUS_MALFORMED, "payload", at, "5 members", TEXT_NUM(n));
    signed_doc_number(&c, REVOCATION_NUMBER, &r->number);
    signed_doc_window(&c, REVOCATION_THIS_UPDATE, REVOCATION_NEXT_UPDATE, &r->valid);
    r->issuer = signed_doc_text(&c, REVOCATION_ISSUER, "issuer");
    read_groups(&c, r);
    cbor_leave(&c, "payload");
    return cbor_end(&c, "payload");
}

bool revocation_read(struct revocation *r, struct span in, struct situs_err *err)
{
    *r = (struct revocation){0};
    if (signed_doc_read(&r->doc, in, REVOCATION_TYPE, REVOCATION_PART, err) && read_payload(r, err))
        return true;
    *r = (struct revocation){0};
    return false;
}

static int64_t read_time(const uint8_t *p)
{
    struct situs_err none = {0};
    struct rd rd = rd_new(span_of(p, 8), 0, "", &none);
    uint64_t v = rd_u64be(&rd, "");
    return v > SIGNED_DOC_TIME_MAX ? SIGNED_DOC_TIME_MAX : (int64_t)v;
}

/* The record of an id in one group, or NULL. */
static const uint8_t *search(const struct revocation_group *g, struct span id)
{
    size_t each = g->size + REVOCATION_TAIL, low = 0, high = g->records.n / each;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const uint8_t *record = g->records.p + middle * each;
        int order = memcmp(id.p, record, g->size);
        if (order == 0)
            return record;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool revocation_find(const struct revocation *r, const struct revocation_id *id,
                     enum revocation_reason *reason, int64_t *time)
{
    for (size_t i = 0; i < r->n_groups; i++) {
        const struct revocation_group *g = &r->group[i];
        if (g->kind != id->kind || g->size != id->id.n)
            continue;
        const uint8_t *record = search(g, id->id);
        if (!record)
            return false;
        *reason = (enum revocation_reason)record[g->size];
        *time = read_time(record + g->size + 1);
        return true;
    }
    return false;
}
