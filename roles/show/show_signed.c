/* What others say about machines: endorsements, lists, composition manifests; see show_signed.h. */
#include "show/show_signed.h"

#include "endorse/composition/composition.h"
#include "endorse/id_list/id_list.h"
#include "endorse/poe/poe.h"
#include "endorse/revocation/revocation.h"

#define SHOWN 1000 /* entries of a list: more help nobody who reads them */

void show_claims(struct show *s, const struct claims *c)
{
    for (enum claim_id id = 0; id < CLAIM_COUNT; id++) {
        const struct claim_row *row = claim_row(id);
        const struct claim *v = &c->v[id];
        if (!v->set)
            continue;
        if (row->type == CLAIM_IS_BYTES)
            show_hex(s, row->name, v->bytes);
        else if (row->type == CLAIM_IS_TEXT)
            show_text(s, row->name, v->bytes);
        else if (row->type == CLAIM_IS_TIME)
            show_time(s, row->name, v->num);
        else if (row->type != CLAIM_IS_WORDS)
            show_num(s, row->name, v->num);
    }
}

static bool print_poe(struct show *s, struct span bytes, struct situs_err *err)
{
    struct poe p;
    if (!poe_read(&p, bytes, "endorsement", err))
        return false;
    show_hex(s, "piid", p.piid);
    show_text(s, "owner_name", p.owner);
    show_text(s, "iss", p.iss);
    show_time(s, "not_before", p.validity.from);
    show_time(s, "not_after", p.validity.to);
    if (p.id.text)
        show_text(s, "endorsement_id", p.id.v);
    else
        show_hex(s, "endorsement_id", p.id.v);
    show_num(s, "alg", p.alg);
    if (p.refresh_uri.n)
        show_text(s, "refresh_uri", p.refresh_uri);
    show_num(s, "certificates", (int64_t)p.n_certs);
    return true;
}

static void show_edition(struct show *s, uint64_t number, struct window valid)
{
    show_num(s, "number", (int64_t)number);
    show_time(s, "this_update", valid.from);
    show_time(s, "next_update", valid.to);
}

static bool print_list(struct show *s, struct span bytes, struct situs_err *err)
{
    struct id_list l;
    if (!id_list_read(&l, bytes, err))
        return false;
    size_t n = l.entries.n / l.size;
    show_edition(s, l.number, l.valid);
    show_text(s, "owner", l.owner);
    show_text(s, "facility", l.facility);
    show_text(s, "id_kind", span_text(listing_kind_name(l.kind)));
    if (l.salt.n)
        show_hex(s, "salt", l.salt);
    show_num(s, "machines", (int64_t)n);
    show_list(s, "entries");
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        show_open(s, NULL);
        show_hex(s, l.salt.n ? "hash" : "id", span_cut(l.entries, i * l.size, l.size));
        show_close(s);
    }
    show_list_end(s);
    return true;
}

static void show_group(struct show *s, const struct revocation *r, const struct revocation_group *g,
                       size_t *left)
{
    enum revocation_reason reason = REVOCATION_REASON_UNSPECIFIED;
    int64_t time = 0;
    size_t each = g->size + REVOCATION_TAIL;
    for (size_t i = 0; i < g->records.n / each && *left; i++, --*left) {
        struct revocation_id id = {g->kind, span_cut(g->records, i * each, g->size)};
        revocation_find(r, &id, &reason, &time);
        show_open(s, NULL);
        show_text(s, "kind", span_text(revocation_kind_name(g->kind)));
        show_hex(s, "id", id.id);
        show_text(s, "reason", span_text(revocation_reason_name(reason)));
        show_time(s, "time", time);
        show_close(s);
    }
}

static bool print_revocation(struct show *s, struct span bytes, struct situs_err *err)
{
    struct revocation r;
    size_t n = 0, left = SHOWN;
    if (!revocation_read(&r, bytes, err))
        return false;
    for (size_t i = 0; i < r.n_groups; i++)
        n += r.group[i].records.n / (r.group[i].size + REVOCATION_TAIL);
    show_edition(s, r.number, r.valid);
    show_text(s, "issuer", r.issuer);
    show_num(s, "revoked", (int64_t)n);
    show_list(s, "entries");
    for (size_t i = 0; i < r.n_groups; i++)
        show_group(s, &r, &r.group[i], &left);
    show_list_end(s);
    return true;
}

/* Those that are printed by their own fields; of others, the claims that they make. */
static const struct {
    enum endorsement_kind kind;
    bool (*print)(struct show *s, struct span bytes, struct situs_err *err);
} printers[] = {
    {ENDORSEMENT_POE, print_poe},
    {ENDORSEMENT_LIST, print_list},
    {ENDORSEMENT_REVOCATION, print_revocation},
};
#define PRINTERS (sizeof printers / sizeof *printers)

static size_t printer_of(enum endorsement_kind kind)
{
    size_t i = 0;
    while (i < PRINTERS && printers[i].kind != kind)
        i++;
    return i;
}

bool show_word_is(struct span b)
{
    enum endorsement_kind kind = endorsement_is("", b);
    return kind != ENDORSEMENT_KIND_COUNT &&
           (printer_of(kind) < PRINTERS || endorsement_row(kind)->does->tell);
}

bool show_word_print(struct show *s, struct span bytes, struct situs_err *err)
{
    enum endorsement_kind kind = endorsement_is("", bytes);
    const struct endorsement_row *row = endorsement_row(kind);
    struct endorsement e = {.part = row->what, .kind = kind, .bytes = bytes};
    struct claims c = {.instance = NULL};
    size_t printer = printer_of(kind);
    show_text(s, "kind", span_text(row->what));
    if (printer < PRINTERS)
        return printers[printer].print(s, bytes, err);
    if (!row->does->read(&e, NULL, s->a, err))
        return false;
    row->does->tell(&e, &c);
    show_claims(s, &c);
    return true;
}

bool show_composition_is(struct span b)
{
    return endorsement_is_type(b, COMPOSITION_TYPE);
}

bool show_composition_print(struct show *s, struct span bytes, struct situs_err *err)
{
    struct composition c;
    if (!composition_read(&c, bytes, err))
        return false;
    show_num(s, "number", (int64_t)c.number);
    show_time(s, "issued", c.issued);
    show_text(s, "supplier", c.supplier);
    show_text(s, "serial", c.serial);
    show_text(s, "name", c.name);
    if (c.piid.n)
        show_hex(s, "piid", c.piid);
    show_num(s, "packages", (int64_t)composition_count(&c));
    show_list(s, "package");
    for (size_t i = 0; i < composition_count(&c); i++) {
        show_open(s, NULL);
        show_hex(s, "prid", composition_prid(&c, i));
        show_close(s);
    }
    show_list_end(s);
    return true;
}
