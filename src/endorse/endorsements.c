/* The kinds of endorsement, and those of one appraisal; see endorsement.h. */
#include "endorse/endorsement.h"

#include "base/text.h"

static const struct endorsement_row rows[] = {
#define ENDORSEMENT(id, name, what, bundle, source) {what, bundle, &name##_endorsement},
#define A(what) what
#define AN(what) what
#define SENT(id, type) ITEM_##id
#define OWN ITEM_KIND_COUNT
#include "model/endorsements.def"
#undef ENDORSEMENT
#undef A
#undef AN
#undef SENT
#undef OWN
};

const struct endorsement_row *endorsement_row(enum endorsement_kind kind)
{
    return &rows[kind];
}

enum endorsement_kind endorsement_is(const char *name, struct span bytes)
{
    enum endorsement_kind k = 0;
    while (k < ENDORSEMENT_KIND_COUNT && !rows[k].does->is(name, bytes))
        k++;
    return k;
}

/* Readers name the kind that they read; the caller knows the file. */
static bool blame(const char *part, const struct situs_err *why, struct situs_err *err)
{
    err_fail(err, why->code, part, why->field, why->at, why->expected, why->got);
    if (why->hint[0])
        return err_hint(err, why->hint);
    return err_hint(err, "what does not read is never left out: fetch the file again, or take it "
                         "away if it is not meant");
}

/* Why what came in the bundle does not read, kept until it is judged. */
static void keep_why(struct endorsement *e, struct arena *a, const struct situs_err *why)
{
    static const struct situs_err no_memory = {.code = SITUS_NO_MEMORY, .at = SITUS_NO_OFFSET};
    struct situs_err *copy = ARENA_NEW(a, struct situs_err);
    if (copy)
        *copy = *why;
    e->doc = NULL;
    e->why = copy ? copy : &no_memory;
}

bool endorsements_read(struct endorsements *to, struct endorsement e, const struct trust *once,
                       struct arena *a, struct situs_err *err)
{
    struct situs_err why = {0};
    if (to->n == LIMIT_ENDORSEMENTS)
        return err_fail(err, SITUS_TOO_LONG, e.part, "endorsements", SITUS_NO_OFFSET,
                        TEXT_NUM(LIMIT_ENDORSEMENTS), "more");
    if (e.bytes.n == 0)
        return err_fail(err, SITUS_MISSING, e.part, "", SITUS_NO_OFFSET, "bytes", "none");
    if (!rows[e.kind].does->read(&e, once, a, &why)) {
        if (!e.from_bundle)
            return blame(e.part, &why, err);
        keep_why(&e, a, &why);
    }
    to->v[to->n++] = e;
    return e.kind != ENDORSEMENT_CRL || /* room: LIMIT_ENDORSEMENTS */
           x509_crls_add(&to->crls, e.bytes, e.from_bundle);
}

/* A bundle says the kind itself. */
static enum endorsement_kind kind_of(enum item_kind item)
{
    enum endorsement_kind k = 0;
    while (k < ENDORSEMENT_KIND_COUNT && rows[k].item != item)
        k++;
    return k;
}

bool endorsements_take(struct endorsements *to, struct bundle *b, struct arena *a,
                       struct situs_err *err)
{
    for (size_t i = 0; i < b->n; i++) {
        struct item *item = &b->item[i];
        const struct endorsement e = {.part = item->label,
                                      .kind = kind_of(item->kind),
                                      .bytes = item->value,
                                      .from_bundle = true};
        if (e.kind == ENDORSEMENT_KIND_COUNT)
            continue;
        bundle_used(item);
        if (!endorsements_read(to, e, NULL, a, err))
            return false;
    }
    return true;
}

void endorsements_know(struct endorsements *e, const struct trust *trust)
{
    for (size_t i = 0; i < trust->n; i++)
        if (trust->anchors[i].der.n)
            x509_crls_know(&e->crls, trust->anchors[i].der);
    for (size_t i = 0; i < e->n; i++) {
        const struct endorsement *of = &e->v[i];
        size_t n = 0;
        const struct span *chain =
            rows[of->kind].does->chain ? rows[of->kind].does->chain(of, &n) : NULL;
        for (size_t k = 1; k < n; k++) /* a leaf signs no CRL */
            x509_crls_know(&e->crls, chain[k]);
    }
}

void endorsements_copy(struct endorsements *to, const struct endorsements *from)
{
    memcpy(to->v, from->v, from->n * sizeof *to->v);
    to->n = from->n;
    memcpy(to->crls.v, from->crls.v, from->crls.n * sizeof *to->crls.v);
    to->crls.n = from->crls.n;
}
