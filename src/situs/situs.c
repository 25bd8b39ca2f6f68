/* The public functions: thin, each hands its arguments to the layer that does the work. */
#include "situs.h"

#include "appraise/machine.h"
#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/hot_keys.h"
#include "endorse/ak_cert/ak_cert.h"
#include "endorse/poe/issuer_cache.h"
#include "situs/door.h"
#include "situs/evidence_kind.h"
#include "situs/evidence_verify.h"
#include "situs/given.h"
#include "tee/intel/quote_cache.h"

#include <stdlib.h>

#define ISSUER_SLOTS 16 /* issuers of endorsements that one relying party knows */

const char *situs_version(void)
{
    return SITUS_VERSION;
}

const char *situs_code_name(enum situs_code code)
{
    return err_code_name(code);
}

const char *situs_code_hint(enum situs_code code)
{
    return err_code_hint(code);
}

static struct arena arena_in(struct situs_memory memory)
{
    return arena_new(memory.p, memory.p ? memory.size : 0);
}

/* place clears err, which may hold anything, and takes n bytes for the object itself from the
 * caller's memory; NULL when there is no room. */
static void *place(struct arena *a, struct situs_memory memory, size_t n, struct situs_err *err)
{
    *err = (struct situs_err){0};
    *a = arena_in(memory);
    void *p = arena_take(a, n);
    if (!p)
        err_fail(err, SITUS_NO_MEMORY, "memory", "size", SITUS_NO_OFFSET, NULL,
                 TEXT_BYTES(memory.size));
    return p;
}

const struct situs_trust *situs_trust_builtin(void)
{
    return (const struct situs_trust *)trust_builtin();
}

const struct situs_trust *situs_trust_read(struct situs_item file, struct situs_memory memory,
                                           struct situs_err *err)
{
    struct arena a;
    struct situs_trust *t = place(&a, memory, sizeof *t, err);
    return t && trust_read(&t->trust, item_span(file), &a, err) ? t : NULL;
}

const struct situs_policy *situs_policy_read(struct situs_item file, struct situs_memory memory,
                                             struct situs_err *err)
{
    struct arena a;
    struct situs_policy *p = place(&a, memory, sizeof *p, err);
    return p && policy_read(&p->policy, file.name, item_span(file), &a, err) ? p : NULL;
}

const struct situs_policy *situs_policy_preset(const char *name, struct situs_memory memory,
                                               struct situs_err *err)
{
    struct span text = policy_preset(name ? name : "");
    if (text.n == 0) {
        *err = (struct situs_err){0};
        err_fail(err, SITUS_UNKNOWN, "policy", name ? name : "", SITUS_NO_OFFSET, "a preset",
                 name ? name : "none");
        return NULL;
    }
    return situs_policy_read((struct situs_item){name, text.p, text.n}, memory, err);
}

const char *situs_policy_preset_name(size_t i)
{
    return policy_preset_name(i);
}

/* Of items that do not all read as collateral, the first that is known to be none: it is named. */
static void name_stranger(const struct situs_item *items, size_t n, struct situs_err *err)
{
    for (size_t i = 0; i < n && err->code != SITUS_NO_MEMORY; i++) {
        struct span bytes = item_span(items[i]);
        const char *name = items[i].name ? items[i].name : "collateral";
        const char *expected = "TCB infos, identities, certificates and CRLs of Intel's or AMD's";
        if (!evidence_kind_named(bytes, PLACE_COLLATERAL, name, expected, err) && bytes.n)
            continue;
        if (bytes.n == 0) {
            *err = (struct situs_err){0};
            err_fail(err, SITUS_UNKNOWN, name, "", SITUS_NO_OFFSET, expected, "an empty file");
            err_hint(err, "\"situs collateral fetch\" writes it anew");
        }
        return;
    }
}

/* What n says is there, and is not: never "nothing given". */
static bool are_there(const void *v, size_t n, const char *part, struct situs_err *err)
{
    return v || !n ||
           err_fail(err, SITUS_MISSING, part, "", SITUS_NO_OFFSET, "as many as n says", "none");
}

struct situs_snapshot *situs_snapshot_load(const struct situs_item *items, size_t n,
                                           const struct situs_trust *trust,
                                           struct situs_memory memory, struct situs_err *err)
{
    struct arena a;
    struct situs_snapshot *s = place(&a, memory, sizeof *s, err);
    if (!are_there(items, n, "collateral", err) || !s)
        return NULL;
    s->hash = collateral_hash_new(items, n, &a, err);
    if (s->hash && tee_collateral_load(&s->collateral, items, n, door_trust(trust), &a, err))
        return s;
    tee_collateral_free(&s->collateral);
    name_stranger(items, n, err);
    return NULL;
}

bool situs_snapshot_tabulate(struct situs_snapshot *s)
{
    return s && !s->freed && snapshot_tabulate(&s->collateral.intel);
}

bool situs_collateral_read(const struct situs_item *items, size_t n,
                           const struct situs_trust *trust, struct situs_memory memory,
                           struct situs_err *err)
{
    struct arena a;
    void *none = place(&a, memory, 1, err); /* no object: only whether there is memory */
    if (!are_there(items, n, "collateral", err))
        return false;
    if (!none || tee_collateral_reads(items, n, door_trust(trust), &a, err))
        return none != NULL;
    name_stranger(items, n, err);
    return false;
}

bool situs_seen_known(const struct situs_seen *seen, size_t n, const struct situs_trust *trust,
                      struct situs_err *err)
{
    *err = (struct situs_err){0};
    return are_there(seen, n, "list_seen", err) &&
           seen_known((struct seen){seen, n}, door_trust(trust), "list_seen", err);
}

/* Whoever asks with what is freed is told so, as long as nothing else lies there. */
void situs_snapshot_free(struct situs_snapshot *s)
{
    if (!s || s->freed)
        return;
    tee_collateral_free(&s->collateral);
    s->freed = true;
}

struct situs_endorsements *situs_endorsements_load(const struct situs_item *items, size_t n,
                                                   const struct situs_trust *trust,
                                                   struct situs_memory memory,
                                                   struct situs_err *err)
{
    struct arena a;
    struct situs_endorsements *e = place(&a, memory, sizeof *e, err);
    if (!are_there(items, n, "endorsements", err) || !e ||
        !given_read(&e->words, items, n, door_trust(trust), &a, err))
        return NULL;
    for (; e->n < n && e->n < SITUS_ENDORSEMENTS; e->n++)
        if (!digest(HASH_SHA256, item_span(items[e->n]), e->sha256[e->n])) {
            err_fail(err, SITUS_INTERNAL, "endorsements", "sha256", SITUS_NO_OFFSET, NULL, NULL);
            return NULL;
        }
    return e;
}

/* What was verified is kept as bytes: no key outlives the loading. */
void situs_endorsements_free(struct situs_endorsements *e)
{
    if (e)
        e->freed = true;
}

/* With a slot comes room for one machine: its quoting enclave, its AK certificate, and the keys of
 * its TPM and of its guest's. */
size_t situs_context_size(size_t slots)
{
    const size_t each[] = {quote_cache_size(slots), ak_cache_size(slots),
                           key_cache_size(slots <= SIZE_MAX / 2 ? 2 * slots : SIZE_MAX),
                           issuer_cache_size(ISSUER_SLOTS), hot_keys_size()};
    size_t size = sizeof(struct situs_context) + 6 * _Alignof(max_align_t);
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        size = each[i] > SIZE_MAX - size ? SIZE_MAX : size + each[i];
    return size;
}

struct situs_context *situs_context_new(size_t slots, struct situs_memory memory)
{
    struct arena a = arena_in(memory);
    struct situs_context *c = ARENA_NEW(&a, struct situs_context);
    if (!c || slots > SIZE_MAX / 2)
        return NULL;
    void *quotes = arena_take(&a, quote_cache_size(slots));
    void *certs = arena_take(&a, ak_cache_size(slots));
    void *keys = arena_take(&a, key_cache_size(2 * slots));
    void *issuers = arena_take(&a, issuer_cache_size(ISSUER_SLOTS));
    void *hot = arena_take(&a, hot_keys_size());
    if (!quotes || !certs || !keys || !issuers || !hot)
        return NULL;
    c->cache = quote_cache_new(quotes, slots);
    c->ak_certs = ak_cache_new(certs, slots);
    c->ak_keys = key_cache_new(keys, 2 * slots);
    c->issuers = issuer_cache_new(issuers, ISSUER_SLOTS);
    c->hot = hot_keys_new(hot);
    quote_cache_count(c->cache, c->hot);
    key_cache_count(c->ak_keys, c->hot);
    issuer_cache_count(c->issuers, c->hot);
    return c;
}

void situs_context_free(struct situs_context *c)
{
    if (!c)
        return;
    quote_cache_free(c->cache);
    key_cache_free(c->ak_keys);
    issuer_cache_free(c->issuers);
    hot_keys_free(c->hot);
}

/* An item that is there and has no bytes was given, and could not be read. */
static bool has_bytes(struct situs_item item, const char *what, struct situs_err *err)
{
    if (!item.p == !item.size)
        return true;
    err_fail(err, SITUS_MISSING, item.name ? item.name : what, "", SITUS_NO_OFFSET, "bytes",
             "none");
    return err_hint(err, "an item that is not given has neither pointer nor size");
}

/* What a newer program asks for and this library does not know (situs.h, how structs grow). */
static bool is_zero(const uintptr_t *reserved, size_t size)
{
    return span_all(span_of(reserved, size), 0);
}

static bool can_be_asked(const struct situs_request *q, struct situs_err *err)
{
    if (!is_zero(q->reserved, sizeof q->reserved) ||
        (q->span && !is_zero(q->span->reserved, sizeof q->span->reserved))) {
        err_fail(err, SITUS_UNSUPPORTED, "request", "reserved", SITUS_NO_OFFSET, "zero",
                 "a request that a newer situs.h made");
        return err_hint(err, "start from a request that is zero, or use a newer library");
    }
    if (q->n_list_seen && !q->list_seen)
        return err_fail(err, SITUS_MISSING, "request", "list_seen", SITUS_NO_OFFSET,
                        "as many numbers as n_list_seen says", "none");
    if (q->snapshot && q->snapshot->freed)
        return err_fail(err, SITUS_MISSING, "request", "snapshot", SITUS_NO_OFFSET,
                        "what situs_snapshot_load gave", "what was freed");
    if (q->early && q->early->freed)
        return err_fail(err, SITUS_MISSING, "request", "early", SITUS_NO_OFFSET,
                        "what situs_snapshot_load gave", "what was freed");
    if (q->endorsements && q->endorsements->freed)
        return err_fail(err, SITUS_MISSING, "request", "endorsements", SITUS_NO_OFFSET,
                        "what situs_endorsements_load gave", "what was freed");
    return has_bytes(q->ccel, "ccel", err) && has_bytes(q->pcr_log, "pcr_log", err) &&
           has_bytes(q->nonce, "nonce", err) && has_bytes(q->channel, "channel", err) &&
           machine_parties_known(&q->policy->policy, door_trust(q->trust), err);
}

/* The result itself, first in memory; NULL: none can be made. */
static struct situs_result *begin(const struct situs_request *q, struct situs_memory memory,
                                  struct arena *a)
{
    *a = arena_in(memory);
    struct situs_result *r = q && q->policy ? ARENA_NEW(a, struct situs_result) : NULL;
    if (r)
        r->asked = *q;
    return r;
}

const struct situs_result *situs_verify(const struct situs_request *q, struct situs_memory memory)
{
    struct situs_err err = {0};
    struct arena a;
    struct situs_result *r = begin(q, memory, &a);
    if (r && can_be_asked(q, &err))
        evidence_verify(&r->result, q, &a);
    else if (r)
        evidence_not_asked(&r->result, q, &err, &a);
    return r;
}

const struct situs_result *situs_refused(const struct situs_request *q, enum situs_input input,
                                         const struct situs_err *why, struct situs_memory memory)
{
    static const struct situs_err unknown = {.code = SITUS_MISSING, .at = SITUS_NO_OFFSET};
    struct situs_err err = {0};
    struct arena a;
    struct situs_result *r = begin(q, memory, &a);
    if (r && can_be_asked(q, &err))
        evidence_refused(&r->result, q, input, why->code == SITUS_NONE ? &unknown : why, &a);
    else if (r)
        evidence_not_asked(&r->result, q, &err, &a);
    return r;
}
