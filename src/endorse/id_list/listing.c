/* The common part of machine lists; see listing.h. */
#include "endorse/id_list/listing.h"

#include "base/text.h"

static const enum check rows[] = {CHECK_LIST_SIGNATURE, CHECK_LIST_WINDOW, CHECK_LIST_MATCH,
                                  CHECK_LIST_ROLLBACK};
#define ROW_COUNT (sizeof rows / sizeof *rows)

static const struct {
    const char *name;
    size_t size;
    enum claim_id claim;
} kinds[LISTING_KIND_COUNT] = {
    [LISTING_PPID] = {"ppid", 16, CLAIM_PPID},
    [LISTING_CHIP_ID] = {"chip_id", 64, CLAIM_CHIP_ID},
};

const char *listing_kind_name(enum listing_kind kind)
{
    return kinds[kind].name;
}

size_t listing_kind_size(enum listing_kind kind)
{
    return kinds[kind].size;
}

void listing_begin(struct listing *l, const struct listing_question *q, const char *part)
{
    *l = (struct listing){.part = part};
    l->findings.arena = q->arena;
    l->claims.instance = "list";
}

bool listing_fail(struct listing *l, enum check c, enum situs_code code, const char *field,
                  const char *expected, const char *got, const char *hint)
{
    return finding_fail(&l->findings, c, code, l->part, field, expected, got, hint);
}

bool listing_skip(struct listing *l, enum check c, const char *reason)
{
    finding_skip(&l->findings, c, reason);
    return false;
}

void listing_note(struct listing *l, const char *note)
{
    if (l->n_notes < LISTING_NOTES)
        l->notes[l->n_notes++] = note;
}

struct span listing_id(const struct listing_question *q, enum listing_kind kind)
{
    const struct claim *id = claims_get(q->tee, kinds[kind].claim);
    return id && id->bytes.n == kinds[kind].size ? id->bytes : span_of(NULL, 0);
}

bool listing_accepts(struct listing *l, const struct listing_question *q, const char *source)
{
    claim_bytes(&l->claims, CLAIM_LIST_SOURCE, span_text(source));
    return policy_word(q->policy, PARAM_LIST_SOURCES, span_text(source)) ||
           listing_fail(l, CHECK_LIST_SIGNATURE, SITUS_NOT_ALLOWED, "source",
                        "a kind of list that the policy accepts", source,
                        "name it in list.signature.sources of the policy");
}

bool listing_decide_facility(struct listing *l, const struct listing_question *q,
                             struct span facility)
{
    claim_bytes(&l->claims, CLAIM_FACILITY, facility);
    return !q->policy->v[PARAM_LIST_FACILITIES].given ||
           policy_word(q->policy, PARAM_LIST_FACILITIES, facility) ||
           listing_fail(l, CHECK_LIST_MATCH, SITUS_NOT_ALLOWED, "facility",
                        "one that the policy lists", TEXT_CUT(facility), NULL);
}

bool listing_decide_denied(struct listing *l, const struct listing_question *q, struct span id)
{
    return !policy_denies(q->policy, id) ||
           listing_fail(l, CHECK_LIST_MATCH, SITUS_REVOKED, "poe.revoked.deny",
                        "an id that the policy does not deny", TEXT_HEX(id), NULL);
}

static size_t held(const struct listing *l)
{
    size_t n = 0;
    for (size_t i = 0; i < ROW_COUNT; i++)
        n += l->findings.v[rows[i]].outcome == OUTCOME_PASS;
    return n;
}

void listing_end(struct listing *l, const struct anchor *party)
{
    if (held(l) == ROW_COUNT)
        l->claims.authority = party;
}

static bool same(const struct listing *a, const struct listing *b, enum claim_id id)
{
    return a->claims.v[id].set && span_equal(a->claims.v[id].bytes, b->claims.v[id].bytes);
}

/* Numbers are of one list: one signer's, for one facility and kind of id. A signer may stand under
 * two anchors, or change its name under one. */
static bool newer(const struct listing *a, const struct listing *than)
{
    const struct claim *n = &a->claims.v[CLAIM_LIST_NUMBER];
    const struct claim *m = &than->claims.v[CLAIM_LIST_NUMBER];
    return n->set && m->set && n->num > m->num && same(a, than, CLAIM_FACILITY) &&
           same(a, than, CLAIM_LIST_KIND) &&
           (same(a, than, CLAIM_ISSUER) || same(a, than, CLAIM_SIGNER));
}

static void supersede(struct listing *l, const struct listing *by)
{
    l->findings.v[CHECK_LIST_ROLLBACK].outcome = OUTCOME_NOT_RUN;
    l->claims.authority = NULL;
    listing_fail(l, CHECK_LIST_ROLLBACK, SITUS_OUT_OF_DATE, "number",
                 TEXT_NUM(by->claims.v[CLAIM_LIST_NUMBER].num),
                 TEXT_NUM(l->claims.v[CLAIM_LIST_NUMBER].num),
                 "a newer list of the signer's is beside it");
}

void listing_supersede(struct listing *const *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct listing *by = NULL;
        for (size_t j = 0; j < n; j++) {
            if (!newer(v[j], v[i]))
                continue;
            by = by ? by : v[j];
            /* Another's word, of a like name or under the same anchor, ends no contradiction. */
            v[i]->names &= !(same(v[j], v[i], CLAIM_ISSUER) && same(v[j], v[i], CLAIM_SIGNER));
        }
        if (by)
            supersede(v[i], by);
    }
}

static bool same_owner(const struct listing *a, const struct listing *b)
{
    return span_equal(a->claims.v[CLAIM_OWNER].bytes, b->claims.v[CLAIM_OWNER].bytes);
}

/* The answer that holds most rows, the first of equals. */
static const struct listing *best(const struct listing *const *v, size_t n)
{
    const struct listing *found = v[0];
    for (size_t i = 1; i < n; i++)
        if (held(v[i]) > held(found))
            found = v[i];
    return found;
}

const struct listing *listing_settle(const struct listing *const *v, size_t n, struct claims *c,
                                     struct findings *f)
{
    if (n == 0)
        return NULL;
    const struct listing *chosen = best(v, n);
    *c = chosen->claims;
    for (size_t i = 0; i < ROW_COUNT; i++)
        f->v[rows[i]] = chosen->findings.v[rows[i]];
    for (size_t i = 0; chosen->claims.authority && i < n; i++) {
        if ((!v[i]->claims.authority && !v[i]->names) || same_owner(v[i], chosen))
            continue;
        f->v[CHECK_LIST_MATCH].outcome = OUTCOME_NOT_RUN;
        finding_fail(f, CHECK_LIST_MATCH, SITUS_DUPLICATE, v[i]->part, "owner",
                     TEXT_CUT(chosen->claims.v[CLAIM_OWNER].bytes),
                     TEXT_CUT(v[i]->claims.v[CLAIM_OWNER].bytes),
                     "two lists name two owners of one machine: ask both which is right");
        c->authority = NULL;
        break;
    }
    return chosen;
}
