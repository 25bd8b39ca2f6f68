/* Numbers of lists; see serve_seen.h. */
#include "serve/world/serve_seen.h"

#include "base/text.h"
#include "endorse/id_list/id_list.h"
#include "endorse/revocation/revocation.h"
#include "situs/door.h"

#include <stdlib.h>
#include <string.h>

static bool same(const struct serve_seen *a, const struct serve_seen *b)
{
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->anchor, b->anchor) == 0 &&
           strcmp(a->subject, b->subject) == 0 && strcmp(a->facility, b->facility) == 0;
}

static const struct serve_seen *find(const struct serve_seen_set *set, const struct serve_seen *of)
{
    for (size_t i = 0; i < set->n; i++)
        if (same(&set->v[i], of))
            return &set->v[i];
    return NULL;
}

bool serve_seen_raise(struct serve_seen_set *set, const struct serve_seen *seen)
{
    const struct serve_seen *there = find(set, seen);
    size_t of_anchor = 0;
    for (size_t i = 0; !there && set->most && i < set->n; i++)
        of_anchor += strcmp(set->v[i].anchor, seen->anchor) == 0;
    if (!there && (set->n == SERVE_SEEN || (set->most && of_anchor >= set->most)))
        return false;
    if (!there)
        set->v[set->n++] = *seen;
    else if (there->number < seen->number)
        set->v[there - set->v].number = seen->number;
    return true;
}

static void copy(char *to, size_t size, struct span from)
{
    size_t n = from.n < size ? from.n : size - 1; /* the readers' limits are below the sizes */
    memcpy(to, from.p, n);
    to[n] = 0;
}

/* What of an endorsement is counted; doc NULL: nothing is. */
struct counted {
    const struct signed_doc *doc;
    enum anchor_use use;
    const char *kind;
    struct span facility;
    uint64_t number;
};

static struct counted counted_of(const struct endorsement *e)
{
    const struct id_list *list = e->kind == ENDORSEMENT_LIST ? e->doc : NULL;
    const struct revocation *revocation = e->kind == ENDORSEMENT_REVOCATION ? e->doc : NULL;
    if (list)
        return (struct counted){&list->doc, ANCHOR_LIST, listing_kind_name(list->kind),
                                list->facility, list->number};
    if (revocation)
        return (struct counted){.doc = &revocation->doc,
                                .use = ANCHOR_POE,
                                .kind = SEEN_REVOCATION,
                                .number = revocation->number};
    return (struct counted){.doc = NULL};
}

/* of says who signed a list, and which it is; false: it does not verify. */
static bool of(struct serve_seen *seen, const struct counted *c,
               const struct signed_doc_rules *rules, struct arena a)
{
    struct signed_doc_signer signer = {.anchor = NULL};
    struct situs_err ignored = {0};
    if (!signed_doc_verify(c->doc, rules, &signer, &a, &ignored))
        return false;
    memset(seen, 0, sizeof *seen);
    seen->number = c->number;
    copy(seen->kind, sizeof seen->kind, span_text(c->kind));
    copy(seen->anchor, sizeof seen->anchor, span_text(signer.anchor->name));
    copy(seen->subject, sizeof seen->subject, span_text(signer.subject));
    if (c->facility.n)
        copy(seen->facility, sizeof seen->facility, c->facility);
    return true;
}

size_t serve_seen_numbers(struct serve_number *rows, const struct situs_endorsements *given,
                          const struct situs_trust *trust, int64_t at)
{
    struct x509_crls crls = given->words.crls;
    void *memory = malloc(VERIFICATION_ARENA);
    size_t n = 0;
    for (size_t i = 0; memory && i < given->words.n; i++) {
        const struct counted c = counted_of(&given->words.v[i]);
        const struct signed_doc_rules rules = {
            .trust = door_trust(trust), .use = c.use, .crls = &crls, .at = at};
        if (c.doc && of(&rows[n].seen, &c, &rules, arena_new(memory, VERIFICATION_ARENA)))
            n++;
    }
    free(memory);
    return n;
}

/* newest is the highest number of a list that a policy holds. */
static uint64_t newest(const struct serve_number *rows, size_t n, const struct serve_number *list)
{
    uint64_t number = 0;
    for (size_t i = 0; i < n; i++)
        if (rows[i].policy == list->policy && same(&rows[i].seen, &list->seen) &&
            rows[i].seen.number > number)
            number = rows[i].seen.number;
    return number;
}

bool serve_seen_current(const struct serve_number *rows, size_t n, uint64_t policy,
                        const struct serve_seen_set *seen, struct situs_err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].policy != policy)
            continue;
        const struct serve_seen *s = find(seen, &rows[i].seen);
        uint64_t got = newest(rows, n, &rows[i]);
        if (!s) {
            err_fail(err, SITUS_TOO_LONG, rows[i].seen.kind, "number", SITUS_NO_OFFSET,
                     TEXT_NUM(seen->most ? seen->most : SERVE_SEEN),
                     "more signers' lists, or a forgotten number");
            return err_hint(err, "no more are counted of one anchor, nor what \"forget\" names: an "
                                 "older one would not be told");
        }
        if (s->number <= got)
            continue;
        err_fail(err, SITUS_OUT_OF_DATE, s->kind, "number", SITUS_NO_OFFSET, TEXT_NUM(s->number),
                 TEXT_NUM(got));
        return err_hint(err, "a newer list of this signer was seen before: get the newest");
    }
    return true;
}

bool serve_seen_forgotten(const struct serve_config *c, const struct serve_seen *seen)
{
    for (size_t i = 0; i < c->n_forget; i++) {
        const struct serve_forget *f = &c->forget[i];
        if (strcmp(f->kind, seen->kind) == 0 && strcmp(f->anchor, seen->anchor) == 0 &&
            strcmp(f->subject, seen->subject) == 0 && strcmp(f->facility, seen->facility) == 0 &&
            (uint64_t)f->number == seen->number)
            return true;
    }
    return false;
}

bool serve_seen_known(const struct serve_world *w, size_t policies, const char *anchor)
{
    for (size_t p = 0; p < policies; p++) {
        const struct trust *t = &w->loaded[p].trust.trust->trust;
        for (size_t i = 0; i < t->n; i++)
            if (t->anchors[i].uses & (ANCHOR_LIST | ANCHOR_POE) &&
                strcmp(t->anchors[i].name, anchor) == 0)
                return true;
    }
    return false;
}

size_t serve_seen_places(const struct serve_world *w)
{
    size_t n = 0;
    for (size_t p = 0; p < w->config.n; p++) {
        const struct trust *t = &w->loaded[p].trust.trust->trust;
        for (size_t i = 0; i < t->n; i++)
            n += t->anchors[i].uses & (ANCHOR_LIST | ANCHOR_POE) &&
                 !serve_seen_known(w, p, t->anchors[i].name);
    }
    return n > SERVE_SEEN ? 1 : SERVE_SEEN / (n ? n : 1);
}

struct situs_seen serve_seen_view(const struct serve_seen *seen)
{
    return (struct situs_seen){.kind = seen->kind,
                               .anchor = seen->anchor,
                               .subject = seen->subject[0] ? seen->subject : NULL,
                               .facility = seen->facility[0] ? seen->facility : NULL,
                               .number = seen->number};
}
