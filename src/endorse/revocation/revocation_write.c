/* The writer of revocation lists; see revocation_write.h. */
#include "endorse/revocation/revocation_write.h"

#include "base/text.h"

#define HEAD_ROOM (LIMIT_LIST_TEXT + 128) /* the issuer; the rest is small */
#define GROUP_ROOM 32                     /* four heads of at most 9 bytes, of small numbers */

static bool fail(struct situs_err *err, enum situs_code code, const char *field,
                 const char *expected)
{
    return err_fail(err, code, REVOCATION_PART, field, SITUS_NO_OFFSET, expected, NULL);
}

static bool check_plan(const struct revocation_plan *p, size_t i)
{
    if (!revocation_kind_name(p[i].kind) || p[i].size == 0 || p[i].size > REVOCATION_ID_MAX ||
        p[i].count == 0 || p[i].count > LIMIT_LIST / (p[i].size + REVOCATION_TAIL))
        return false;
    return i == 0 || p[i].kind > p[i - 1].kind ||
           (p[i].kind == p[i - 1].kind && p[i].size > p[i - 1].size);
}

static bool check_meta(const struct revocation_meta *m, struct situs_err *err)
{
    if (m->n_plans > REVOCATION_GROUP_MAX)
        return fail(err, SITUS_TOO_LONG, "groups", "at most 32");
    for (size_t i = 0; i < m->n_plans; i++)
        if (!check_plan(m->plans, i))
            return fail(err, SITUS_MALFORMED, "groups", "groups with records, by kind and size");
    return signed_doc_check(m->number, m->valid, REVOCATION_PART, err) &&
           signed_doc_check_text(m->issuer, REVOCATION_PART, "issuer", err);
}

static struct span put_head(struct wr *w, const struct revocation_meta *m)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 5);
    cbor_put_uint(&o, REVOCATION_NUMBER);
    cbor_put_uint(&o, m->number);
    cbor_put_uint(&o, REVOCATION_THIS_UPDATE);
    cbor_put_uint(&o, (uint64_t)m->valid.from);
    cbor_put_uint(&o, REVOCATION_NEXT_UPDATE);
    cbor_put_uint(&o, (uint64_t)m->valid.to);
    cbor_put_uint(&o, REVOCATION_ISSUER);
    cbor_put_text(&o, m->issuer);
    cbor_put_uint(&o, REVOCATION_GROUPS);
    cbor_put_array(&o, m->n_plans);
    return wr_span(w);
}

static size_t records_size(const struct revocation_plan *p)
{
    return p->count * (p->size + REVOCATION_TAIL);
}

static struct span put_group(struct wr *w, const struct revocation_plan *p)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_array(&o, 3);
    cbor_put_uint(&o, p->kind);
    cbor_put_uint(&o, p->size);
    cbor_put_bytes_head(&o, records_size(p));
    return wr_span(w);
}

/* Opens the group of the current plan, if there is one. */
static void open_group(struct revocation_writer *w)
{
    uint8_t bytes[GROUP_ROOM];
    struct wr head = wr_new(bytes, sizeof bytes);
    w->any = false;
    w->left = 0;
    if (w->plan == w->end)
        return;
    w->left = w->plan->count;
    cose_add(&w->cose, put_group(&head, w->plan));
}

bool revocation_write_begin(struct revocation_writer *w, const struct revocation_meta *meta,
                            const struct signed_doc_issuer *issuer, cose_put *put, void *to,
                            struct situs_err *err)
{
    uint8_t bytes[HEAD_ROOM], group[GROUP_ROOM];
    struct wr head = wr_new(bytes, sizeof bytes);
    *w = (struct revocation_writer){.plan = meta->plans, .end = meta->plans + meta->n_plans};
    if (!check_meta(meta, err))
        return false;
    struct span first = put_head(&head, meta);
    size_t size = first.n;
    for (size_t i = 0; i < meta->n_plans; i++) {
        struct wr one = wr_new(group, sizeof group);
        size += put_group(&one, &meta->plans[i]).n + records_size(&meta->plans[i]);
    }
    if (!signed_doc_begin(&w->cose, REVOCATION_TYPE, issuer, size, put, to, err))
        return false;
    cose_add(&w->cose, first);
    open_group(w);
    return true;
}

bool revocation_write_add(struct revocation_writer *w, struct span id,
                          enum revocation_reason reason, int64_t time, struct situs_err *err)
{
    uint8_t tail[REVOCATION_TAIL];
    struct wr t = wr_new(tail, sizeof tail);
    if (w->left == 0 || id.n != w->plan->size)
        return fail(err, SITUS_MALFORMED, "records", "ids of the open group, as many as announced");
    if (!revocation_reason_name(reason) || time < 0 || time > SIGNED_DOC_TIME_MAX)
        return fail(err, SITUS_MALFORMED, "records", "a known reason and a time");
    int order = w->any ? memcmp(w->last, id.p, id.n) : -1;
    if (order >= 0)
        return fail(err, order ? SITUS_MALFORMED : SITUS_DUPLICATE, "records",
                    "ids in rising order, each once");
    memcpy(w->last, id.p, id.n);
    w->any = true;
    wr_u8(&t, (uint8_t)reason);
    wr_u64be(&t, (uint64_t)time);
    cose_add(&w->cose, id);
    cose_add(&w->cose, wr_span(&t));
    if (--w->left == 0) {
        w->plan++;
        open_group(w);
    }
    return true;
}

bool revocation_write_end(struct revocation_writer *w, struct situs_err *err)
{
    return cose_end(&w->cose) || fail(err, SITUS_INTERNAL, "signature", "a complete list");
}
