/* A world as bytes; see serve_pack.h. */
#include "serve/world/serve_pack.h"

#include "base/item.h"
#include "frame/out.h"
#include "serve/world/talk.h"
#include "token/record.h"

#include <stdio.h>
#include <stdlib.h>

enum pack_kind { PACK_POLICY, PACK_TRUST, PACK_COLLATERAL, PACK_ENDORSEMENT };

struct pack_head {
    char release[32];
    uint64_t record; /* bytes of what judges answer */
    uint64_t policies, rows;
    int64_t judge_memory;
};

/* One file of a policy. A policy without bytes is the preset of its name, one without a trust file has the built-in
 * anchors. */
struct pack_row {
    uint64_t kind, policy, at, size;
    char name[PATH_MAX];
};

/* What is written: head, rows and, behind them, the bytes of each. */
struct packing {
    struct pack_head head;
    struct pack_row *rows;
    struct span *parts;
    uint64_t end; /* bytes so far, behind the rows */
};

static struct pack_head head_of(const struct serve_world *w)
{
    struct pack_head h = {.record = sizeof(struct token_record),
                          .policies = w->config.n,
                          .judge_memory = w->config.limits.judge_memory};
    snprintf(h.release, sizeof h.release, "%s", situs_version());
    return h;
}

static void add(struct packing *p, enum pack_kind kind, size_t policy, struct situs_item item)
{
    size_t i = p->head.rows++;
    struct pack_row *row = &p->rows[i];
    *row = (struct pack_row){.kind = kind, .policy = policy, .at = p->end, .size = item.size};
    snprintf(row->name, sizeof row->name, "%s", item.name);
    p->parts[2 + i] = item_span(item);
    p->end += item.size;
}

static void add_policy(struct packing *p, const struct serve_world *w, size_t i)
{
    const struct serve_loaded *l = &w->loaded[i];
    const struct serve_policy *of = &w->config.policies[i];
    const struct collateral *c = &l->collateral;
    add(p, PACK_POLICY, i,
        item_of(l->policy.file.p ? of->name : of->file, file_span(&l->policy.file)));
    if (of->trust)
        add(p, PACK_TRUST, i, item_of(of->trust, file_span(&l->trust.file)));
    for (size_t k = 0; k < c->n; k++)
        add(p, PACK_COLLATERAL, i, c->parts[k]);
    for (size_t k = 0; k < l->n_items; k++)
        add(p, PACK_ENDORSEMENT, i, l->items[k]);
}

int serve_pack_write(const struct serve_world *w)
{
    size_t rows = 0;
    for (size_t i = 0; i < w->config.n; i++)
        rows += 2 + w->loaded[i].collateral.n + w->loaded[i].n_items;
    struct packing p = {.head = head_of(w),
                        .rows = calloc(rows, sizeof *p.rows),
                        .parts = calloc(2 + rows, sizeof *p.parts)};
    int fd = -1;
    if (p.rows && p.parts) {
        for (size_t i = 0; i < w->config.n; i++)
            add_policy(&p, w, i);
        p.parts[0] = span_of(&p.head, sizeof p.head);
        p.parts[1] = span_of(p.rows, (size_t)p.head.rows * sizeof *p.rows);
        fd = talk_memory_of(p.parts, 2 + (size_t)p.head.rows);
    }
    free(p.rows);
    free(p.parts);
    return fd;
}

static bool read_policy(struct loaded_policy *p, struct situs_item item, struct situs_err *err)
{
    size_t size = item.size ? situs_policy_memory(item) : SITUS_POLICY_MEMORY;
    p->memory = malloc(size);
    const struct situs_memory m = {p->memory, p->memory ? size : 0};
    p->policy =
        item.size ? situs_policy_read(item, m, err) : situs_policy_preset(item.name, m, err);
    return p->policy != NULL;
}

static bool read_trust(struct loaded_trust *t, struct situs_item item, struct situs_err *err)
{
    size_t size = situs_trust_memory(item);
    t->memory = malloc(size);
    t->trust = situs_trust_read(item, (struct situs_memory){t->memory, t->memory ? size : 0}, err);
    return t->trust != NULL;
}

/* take is one row; those of a policy come in the order of their kinds. */
static bool take(struct serve_loaded *l, const struct pack_row *row, struct span bytes,
                 struct situs_err *err)
{
    const struct situs_item item = item_of(row->name, bytes);
    if (row->kind == PACK_POLICY)
        return read_policy(&l->policy, item, err);
    if (row->kind == PACK_TRUST)
        return read_trust(&l->trust, item, err);
    if (row->kind == PACK_COLLATERAL && l->collateral.n < LIMIT_COLLATERAL_PARTS) {
        l->collateral.parts[l->collateral.n++] = item;
        return true;
    }
    if (row->kind == PACK_ENDORSEMENT && l->n_items < SITUS_ENDORSEMENTS) {
        l->items[l->n_items++] = item;
        return true;
    }
    return false;
}

/* verify makes of a policy's files what judges use. */
static bool verify(struct serve_loaded *l, struct situs_err *err)
{
    if (!l->trust.trust)
        l->trust.trust = situs_trust_builtin();
    return l->policy.policy && serve_loaded_snapshot(l, err) &&
           load_endorsements(&l->endorsements, l->items, l->n_items, l->trust.trust, err);
}

static bool read_rows(struct serve_world *w, const struct pack_head *head, struct span pack,
                      struct situs_err *err)
{
    const struct pack_row *rows = (const void *)(pack.p + sizeof *head);
    size_t at = sizeof *head + (size_t)head->rows * sizeof *rows;
    struct span bytes = span_cut(pack, at, pack.n - at);
    for (size_t i = 0; i < head->rows; i++) {
        const struct pack_row *row = &rows[i];
        if (row->policy >= w->config.n || row->at > bytes.n || row->size > bytes.n - row->at ||
            !take(&w->loaded[row->policy], row, span_of(bytes.p + row->at, (size_t)row->size), err))
            return false;
    }
    for (size_t i = 0; i < w->config.n; i++)
        if (!verify(&w->loaded[i], err))
            return false;
    return true;
}

bool serve_pack_read(struct serve_world *w, struct span pack)
{
    struct situs_err err = {0};
    struct pack_head head = {.rows = 0};
    if (pack.n >= sizeof head)
        memcpy(&head, pack.p, sizeof head);
    if (strncmp(head.release, situs_version(), sizeof head.release) != 0 ||
        head.record != sizeof(struct token_record) || head.policies > SERVE_POLICIES ||
        head.rows > (pack.n - sizeof head) / sizeof(struct pack_row)) {
        out_error("judges of the second build are of another release than the service");
        out_hint("install all of situs anew, and start the service again");
        return false;
    }
    w->config.n = (size_t)head.policies;
    w->config.limits.judge_memory = head.judge_memory;
    if (read_rows(w, &head, pack, &err))
        return true;
    out_error("judges of the second build do not read what the service has read");
    if (err.code != SITUS_NONE)
        out_failure(&err);
    return false;
}
