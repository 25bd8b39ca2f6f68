/* The makers of TEEs, by their table; see tee.h. */
#include "tee/tee.h"

#include "base/item.h"

static const struct tee_maker *const makers[] = {
#define MAKER(name) &name##_maker,
#include "tee/makers.def"
#undef MAKER
};

enum {
#define MAKER(name) AT_##name,
#include "tee/makers.def"
#undef MAKER
    MAKERS
};

/* The last one's, where nobody's is. */
static const struct tee_maker *maker_of(struct span bytes)
{
    size_t i = 0;
    while (i + 1 < MAKERS && !makers[i]->is(bytes))
        i++;
    return makers[i];
}

bool tee_is(struct span bytes)
{
    return maker_of(bytes)->is(bytes);
}

bool tee_read(struct tee_evidence *e, struct span bytes, struct situs_err *err)
{
    *e = (struct tee_evidence){.maker = maker_of(bytes)};
    if (e->maker->read(e, bytes, err))
        return true;
    *e = (struct tee_evidence){.maker = NULL};
    return false;
}

static size_t taker_of(struct span bytes, struct arena *a)
{
    size_t i = 0;
    while (i + 1 < MAKERS && !makers[i]->takes(bytes, a))
        i++;
    return i;
}

/* Each maker's items, in their order, in arrays of the arena. */
struct shares {
    struct situs_item *v[MAKERS];
    size_t n[MAKERS];
};

static bool share(struct shares *s, const struct situs_item *items, size_t n, struct arena *a,
                  struct situs_err *err)
{
    *s = (struct shares){0};
    for (size_t i = 0; i < MAKERS; i++) {
        s->v[i] = ARENA_ARRAY(a, n, struct situs_item);
        if (!s->v[i])
            return err_fail(err, SITUS_NO_MEMORY, "collateral", "memory", SITUS_NO_OFFSET,
                            "room for the items", "none");
    }
    for (size_t i = 0; i < n; i++) {
        size_t maker = taker_of(item_span(items[i]), a);
        s->v[maker][s->n[maker]++] = items[i];
    }
    return true;
}

bool tee_collateral_load(struct tee_collateral *c, const struct situs_item *items, size_t n,
                         const struct trust *trust, struct arena *a, struct situs_err *err)
{
    struct shares s;
    *c = (struct tee_collateral){0};
    bool ok = share(&s, items, n, a, err);
    for (size_t i = 0; ok && i < MAKERS; i++)
        ok = makers[i]->load(c, s.v[i], s.n[i], trust, a, err);
    if (!ok)
        tee_collateral_free(c);
    return ok;
}

bool tee_collateral_reads(const struct situs_item *items, size_t n, const struct trust *trust,
                          struct arena *a, struct situs_err *err)
{
    struct shares s;
    bool ok = share(&s, items, n, a, err);
    for (size_t i = 0; ok && i < MAKERS; i++)
        ok = makers[i]->reads(s.v[i], s.n[i], trust, a, err);
    return ok;
}

void tee_collateral_free(struct tee_collateral *c)
{
    for (size_t i = 0; i < MAKERS; i++)
        makers[i]->free(c);
}
