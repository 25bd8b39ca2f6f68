/* The revocation lists of one appraisal; see revocations.h. */
#include "endorse/revocation/revocations.h"

void revocations_of(struct revocations *out, const struct endorsements *e, struct arena *a)
{
    *out = (struct revocations){.n = 0};
    for (size_t i = 0; i < e->n; i++) {
        if (e->v[i].kind != ENDORSEMENT_REVOCATION)
            continue;
        out->unread |= e->v[i].why != NULL;
        out->lost |= e->v[i].why && e->v[i].why->code == SITUS_NO_MEMORY;
        if (e->v[i].why)
            continue;
        out->sent[out->n] = e->v[i].from_bundle;
        out->v[out->n++] = e->v[i].doc;
    }
    if (out->n == 0)
        return;
    out->poe = ARENA_ARRAY(a, out->n, struct revocation_signers);
    out->list = ARENA_ARRAY(a, out->n, struct revocation_signers);
    out->lost |= !out->poe || !out->list;
}

size_t revocations_machine(const struct claims *claims, struct revocation_id *ids)
{
    static const struct {
        enum instance instance;
        enum claim_id claim;
        enum revocation_kind kind;
    } rows[REVOCATION_MACHINE_IDS] = {
#define MACHINE_ID(instance, claim, kind, platform) \
    {INSTANCE_##instance, CLAIM_##claim, REVOCATION_##kind},
#include "model/machine_ids.def"
#undef MACHINE_ID
    };
    for (size_t i = 0; i < REVOCATION_MACHINE_IDS; i++) {
        const struct claim *c = claims_get(&claims[rows[i].instance], rows[i].claim);
        ids[i] = (struct revocation_id){rows[i].kind, c ? c->bytes : span_of(NULL, 0)};
    }
    return REVOCATION_MACHINE_IDS;
}

struct revocation_question revocations_question(const struct question *q, enum anchor_use use,
                                                const struct anchor *issuer,
                                                const struct x509_issuers *chain,
                                                const struct revocation_id *ids, size_t n)
{
    const struct revocations *r = q->revocations;
    return (struct revocation_question){.lists = r->v,
                                        .sent = r->sent,
                                        .n_lists = r->n,
                                        .signers = use == ANCHOR_POE ? r->poe : r->list,
                                        .ids = ids,
                                        .n_ids = n,
                                        .issuer = issuer,
                                        .chain = chain,
                                        .use = use,
                                        .crls = q->crls,
                                        .trust = q->trust,
                                        .policy = q->policy,
                                        .at = q->at,
                                        .seen = q->seen,
                                        .arena = q->arena};
}

static bool is_revocation(const char *name, struct span in)
{
    (void)name;
    return endorsement_is_type(in, REVOCATION_TYPE);
}

static bool read_revocation(struct endorsement *e, const struct trust *once, struct arena *a,
                            struct situs_err *err)
{
    struct revocation *list = ARENA_NEW(a, struct revocation);
    e->doc = list;
    if (!list)
        return endorsement_no_memory(e, err);
    return revocation_read(list, e->bytes, err) &&
           (!once || signed_doc_know(&list->doc, once, list->valid.from, a) ||
            endorsement_no_memory(e, err));
}

static const struct span *chain_of(const struct endorsement *e, size_t *n)
{
    const struct revocation *list = e->doc;
    *n = list->doc.n_chain;
    return list->doc.chain;
}

const struct endorsement_does revocation_endorsement = {
    .is = is_revocation, .read = read_revocation, .chain = chain_of};
