/* Signed lists; see desk_lists.h. */
#include "provider/desk/desk_lists.h"

#include "base/text.h"
#include "endorse/id_list/id_list_write.h"
#include "endorse/revocation/revocation_write.h"
#include "frame/out.h"
#include "frame/sink.h"

#include <stdlib.h>
#include <sys/random.h>

#define SALT 32
#define TOLD 20 /* machines that are left out, each with its reason */
#define SIZES 4 /* of one kind of id: most have one, Names two, an older situs wrote a third */

bool desk_lists_ready(struct desk_lists *l, int *exit)
{
    struct situs_err err = {0};
    *exit = EXIT_USAGE;
    if (!desk_need(l->sign.key, "key", "FILE") || !desk_need(l->sign.chain, "chain", "FILE"))
        return false;
    if (signer_read_lists(&l->signer, &l->sign, &err))
        return true;
    out_failure(&err); /* exit 1: a file of one's own */
    return false;
}

static struct signed_doc_issuer issuer_of(const struct desk_lists *l)
{
    return (struct signed_doc_issuer){l->signer.certs, l->signer.n_certs, l->signer.key};
}

/* close_newest puts a list in its place, which no newer one may have taken meanwhile. */
static bool close_newest(struct fleet *f, struct sink *sink, bool ok, const char *list,
                         const char *site, int64_t number, struct situs_err *err)
{
    bool newest = ok && fleet_publish_begin(f, list, site, number, err);
    ok = sink_close(sink, newest, err);
    if (newest)
        fleet_publish_end(f);
    return ok;
}

/* The list of ids while it is written. */
struct ids {
    struct id_list_writer w;
    struct span salt;
    uint8_t (*hashes)[ID_LIST_HASH_SIZE]; /* salted: all, to be sorted */
    int64_t n, total, left_out;
    char owner[FLEET_NAME + 1];
    struct fleet_listed which;
    struct situs_err *err;
};

/* leave_out tells of a machine that is enrolled and may not be listed. */
static void leave_out(void *to, const char *machine, const struct situs_err *why)
{
    struct ids *ids = to;
    if (++ids->left_out > TOLD)
        return;
    out_note("%s is not listed: %s: expected %s, got %s", machine, why->field, why->expected,
             why->got);
}

static bool add_id(void *to, const char *ppid)
{
    struct ids *ids = to;
    uint8_t id[16];
    if (ids->n == ids->total || !text_hex_read(id, sizeof id, span_text(ppid)))
        return err_fail(ids->err, SITUS_MALFORMED, "fleet", "ppid", SITUS_NO_OFFSET, NULL, ppid);
    desk_progress("listing", ids->n + 1, ids->total);
    if (!ids->salt.n) {
        ids->n++;
        return id_list_write_add(&ids->w, SPAN_ARR(id), ids->err);
    }
    uint8_t *hash = ids->hashes[ids->n++];
    return id_list_entry(ids->salt, SPAN_ARR(id), hash).n > 0 ||
           err_fail(ids->err, SITUS_INTERNAL, "fleet", "salt", SITUS_NO_OFFSET, NULL, NULL);
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, ID_LIST_HASH_SIZE);
}

/* add_hashes writes the salted entries in their order. */
static bool add_hashes(struct ids *ids)
{
    bool ok = true;
    if (ids->n)
        qsort(ids->hashes, (size_t)ids->n, sizeof *ids->hashes, compare);
    for (int64_t i = 0; ok && i < ids->n; i++)
        ok = id_list_write_add(&ids->w, span_of(ids->hashes[i], ID_LIST_HASH_SIZE), ids->err);
    return ok;
}

static bool write_ids(struct fleet *f, const struct desk_lists *l,
                      const struct fleet_snapshot *taken, struct ids *ids, struct sink *sink)
{
    const struct signed_doc_issuer issuer = issuer_of(l);
    const struct id_list_meta meta = {.number = (uint64_t)taken->number,
                                      .valid = {taken->at, taken->at + l->life},
                                      .owner = span_text(ids->owner),
                                      .facility = span_text(l->site ? l->site : FLEET_ALL),
                                      .kind = LISTING_PPID,
                                      .salt = ids->salt,
                                      .count = (size_t)ids->total};
    if (ids->salt.n) {
        ids->hashes = calloc((size_t)ids->total + 1, sizeof *ids->hashes);
        if (!ids->hashes)
            return err_fail(ids->err, SITUS_NO_MEMORY, "fleet", "", SITUS_NO_OFFSET, NULL, NULL);
    }
    if (!id_list_write_begin(&ids->w, &meta, &issuer, sink_put, sink, ids->err))
        return false;
    bool ok = fleet_ids(f, &ids->which, add_id, leave_out, ids, ids->err) &&
              (!ids->salt.n || add_hashes(ids));
    return id_list_write_end(&ids->w, ids->err) && ok;
}

/* some says that there is a machine to list: an empty list would be none (DESIGN: id lists). */
static bool some(struct fleet *f, struct ids *ids)
{
    if (ids->total > 0)
        return true;
    if (!fleet_ids(f, &ids->which, add_id, leave_out, ids, ids->err))
        return false;
    err_fail(ids->err, SITUS_NOT_ALLOWED, "fleet", "list", SITUS_NO_OFFSET,
             "an enrolled machine that may be endorsed", "none");
    return err_hint(ids->err,
                    "\"situs fleet endorse\" says what a machine lacks; what left is taken back by "
                    "the revocation list, and the old machine list ends by itself");
}

bool desk_lists_ids(struct fleet *f, const struct fleet_act *act, const struct desk_lists *l,
                    const char *path, struct desk_listed *listed, struct situs_err *err)
{
    struct sink sink = {0};
    struct ids ids = {.err = err};
    struct fleet_snapshot taken = {0};
    uint8_t salt[SALT];
    if (l->salted && getrandom(salt, sizeof salt, 0) != sizeof salt)
        return err_fail(err, SITUS_INTERNAL, "fleet", "salt", SITUS_NO_OFFSET, NULL, NULL);
    ids.salt = l->salted ? SPAN_ARR(salt) : span_of(NULL, 0);
    ids.which = (struct fleet_listed){l->site, l->other_owner ? NULL : ids.owner};
    /* A number is taken when nothing but the list itself can be in the way. */
    if (!fleet_owner(f, l->site, l->owner, l->other_owner, ids.owner, err) ||
        !sink_open(&sink, path, err))
        return false;
    const char *site = l->site ? l->site : FLEET_ALL;
    bool taking = fleet_snapshot_begin(f, act, "list", site, &taken, err);
    bool ok = taking && fleet_ids_count(f, &ids.which, &ids.total, err) && some(f, &ids) &&
              write_ids(f, l, &taken, &ids, &sink) && err->code == SITUS_NONE;
    if (taking)
        fleet_snapshot_end(f);
    ok = close_newest(f, &sink, ok, "list", site, taken.number, err);
    free(ids.hashes);
    *listed = (struct desk_listed){taken.number, ids.n, ids.left_out};
    if (ids.left_out > TOLD)
        out_note("%lld more are not listed", (long long)(ids.left_out - TOLD));
    return ok;
}

/* The list of revocations while it is written. */
struct revoked {
    struct revocation_writer w;
    struct revocation_plan plans[REVOCATION_GROUP_MAX];
    size_t n_plans;
    int64_t n, total;
    struct situs_err *err;
};

static bool plan(struct fleet *f, struct revoked *r)
{
    struct fleet_size sizes[SIZES];
    size_t n;
    for (unsigned kind = REVOCATION_PIID; revocation_kind_name(kind); kind++) {
        if (!fleet_revocations_sizes(f, revocation_kind_name(kind), sizes, SIZES, &n, r->err))
            return false;
        for (size_t i = 0; i < n; i++) {
            r->plans[r->n_plans++] = (struct revocation_plan){
                (enum revocation_kind)kind, sizes[i].size, (size_t)sizes[i].count};
            r->total += sizes[i].count;
        }
    }
    return true;
}

static bool add_revoked(void *to, const struct fleet_revoked *row)
{
    struct revoked *r = to;
    uint8_t id[REVOCATION_ID_MAX];
    size_t n = strlen(row->id) / 2;
    unsigned reason = REVOCATION_REASON_UNSPECIFIED;
    for (unsigned k = 0; revocation_reason_name(k); k++)
        if (strcmp(revocation_reason_name(k), row->reason) == 0)
            reason = k;
    if (n > sizeof id || !text_hex_read(id, n, span_text(row->id)))
        return err_fail(r->err, SITUS_MALFORMED, "fleet", "revocation", SITUS_NO_OFFSET, NULL,
                        row->id);
    desk_progress("revocations", ++r->n, r->total);
    return revocation_write_add(&r->w, span_of(id, n), (enum revocation_reason)reason, row->at,
                                r->err);
}

static bool write_revoked(struct fleet *f, const struct desk_lists *l, const char *name,
                          const struct fleet_snapshot *taken, struct revoked *r, struct sink *sink)
{
    const struct signed_doc_issuer issuer = issuer_of(l);
    const struct revocation_meta meta = {.number = (uint64_t)taken->number,
                                         .valid = {taken->at, taken->at + l->life},
                                         .issuer = span_text(name),
                                         .plans = r->plans,
                                         .n_plans = r->n_plans};
    if (!revocation_write_begin(&r->w, &meta, &issuer, sink_put, sink, r->err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < r->n_plans; i++)
        ok = fleet_revocations(f, revocation_kind_name(r->plans[i].kind), r->plans[i].size,
                               add_revoked, r, r->err);
    return revocation_write_end(&r->w, r->err) && ok;
}

bool desk_lists_revocations(struct fleet *f, const struct fleet_act *act,
                            const struct desk_lists *l, const char *path,
                            struct desk_listed *listed, struct situs_err *err)
{
    struct sink sink = {0};
    struct revoked r = {.err = err};
    struct fleet_snapshot taken = {0};
    char name[FLEET_NAME + 1];
    if (!fleet_issuer(f, l->issuer, l->other_owner, name, err) || !sink_open(&sink, path, err))
        return false;
    bool taking = fleet_snapshot_begin(f, act, "revocation", NULL, &taken, err);
    bool ok = taking && plan(f, &r) && write_revoked(f, l, name, &taken, &r, &sink) &&
              err->code == SITUS_NONE;
    if (taking)
        fleet_snapshot_end(f);
    ok = close_newest(f, &sink, ok, "revocation", NULL, taken.number, err);
    *listed = (struct desk_listed){taken.number, r.n, 0};
    return ok;
}
