/* The public functions: thin, each hands its arguments to the layer that does the work. */
#include "situs.h"

#include "base/arena.h"
#include "base/text.h"
#include "situs/door.h"
#include "situs/verify.h"

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

struct situs_snapshot *situs_snapshot_load(const struct situs_item *items, size_t n,
                                           const struct situs_trust *trust,
                                           struct situs_memory memory, struct situs_err *err)
{
    struct arena a;
    struct situs_snapshot *s = place(&a, memory, sizeof *s, err);
    struct collateral_part *parts = s ? ARENA_ARRAY(&a, n, struct collateral_part) : NULL;
    if (n && !items) {
        err_fail(err, SITUS_MISSING, "collateral", "", SITUS_NO_OFFSET, "items", "none");
        return NULL;
    }
    if (!parts) {
        err_fail(err, SITUS_NO_MEMORY, "memory", "size", SITUS_NO_OFFSET, NULL,
                 TEXT_BYTES(memory.size));
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        parts[i] = (struct collateral_part){items[i].name ? items[i].name : "collateral",
                                            item_span(items[i])};
    if (snapshot_load(&s->snapshot, parts, n, trust_or_builtin(trust), &a, err))
        return s;
    snapshot_free(&s->snapshot);
    return NULL;
}

void situs_snapshot_free(struct situs_snapshot *s)
{
    if (s)
        snapshot_free(&s->snapshot);
}

/* With a slot comes room for one machine: its quoting enclave, its AK certificate, and the keys of
 * its TPM and of its guest's. */
size_t situs_context_size(size_t slots)
{
    const size_t each[] = {quote_cache_size(slots), ak_cache_size(slots),
                           key_cache_size(slots <= SIZE_MAX / 2 ? 2 * slots : SIZE_MAX),
                           issuer_cache_size(ISSUER_SLOTS)};
    size_t size = sizeof(struct situs_context) + 5 * _Alignof(max_align_t);
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
    if (!quotes || !certs || !keys || !issuers)
        return NULL;
    c->cache = quote_cache_new(quotes, slots);
    c->ak_certs = ak_cache_new(certs, slots);
    c->ak_keys = key_cache_new(keys, 2 * slots);
    c->issuers = issuer_cache_new(issuers, ISSUER_SLOTS);
    return c;
}

void situs_context_free(struct situs_context *c)
{
    if (!c)
        return;
    quote_cache_free(c->cache);
    key_cache_free(c->ak_keys);
    issuer_cache_free(c->issuers);
}

/* The endorsements as the layer below takes them; NULL when memory is out. */
static const struct verify_item *endorsements(const struct situs_request *q, struct arena *a)
{
    bool lacks = q->n_endorsements && !q->endorsements;
    struct verify_item *v = lacks || q->n_endorsements > SITUS_ENDORSEMENTS
                                ? NULL
                                : ARENA_ARRAY(a, SITUS_ENDORSEMENTS, struct verify_item);
    for (size_t i = 0; v && i < q->n_endorsements; i++) {
        const char *name = q->endorsements[i].name;
        v[i] = (struct verify_item){name ? name : "endorsement", item_span(q->endorsements[i])};
    }
    return v;
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
    if (!is_zero(q->reserved, sizeof q->reserved)) {
        err_fail(err, SITUS_UNSUPPORTED, "request", "reserved", SITUS_NO_OFFSET, "zero",
                 "a request that a newer situs.h made");
        return err_hint(err, "start from a request that is zero, or use a newer library");
    }
    if (q->n_list_seen && !q->list_seen)
        return err_fail(err, SITUS_MISSING, "request", "list_seen", SITUS_NO_OFFSET,
                        "as many numbers as n_list_seen says", "none");
    return has_bytes(q->ccel, "ccel", err) && has_bytes(q->pcr_log, "pcr_log", err) &&
           has_bytes(q->nonce, "nonce", err) && has_bytes(q->channel, "channel", err);
}

const struct situs_result *situs_verify(const struct situs_request *q, struct situs_memory memory)
{
    struct situs_err err = {0};
    struct arena a = arena_in(memory);
    struct situs_result *r = ARENA_NEW(&a, struct situs_result);
    if (!r || !q || !q->policy)
        return NULL;
    const struct verify_item *beside = endorsements(q, &a);
    if (!beside)
        return NULL;
    struct verify_request v = {
        .input = item_span(q->evidence),
        .ccel = item_span(q->ccel),
        .pcr_log = item_span(q->pcr_log),
        .nonce = item_span(q->nonce),
        .channel = item_span(q->channel),
        .endorsements = beside,
        .n_endorsements = q->n_endorsements,
        .issuers = q->context ? q->context->issuers : NULL,
        .ak_certs = q->context ? q->context->ak_certs : NULL,
        .ak_keys = q->context ? q->context->ak_keys : NULL,
        .trust = trust_or_builtin(q->trust),
        .policy = &q->policy->policy,
        .seen = {q->list_seen, q->n_list_seen},
        .at = q->at,
        .archived = q->archived,
        .round_trip_us = q->round_trip_us,
    };
    if (can_be_asked(q, &err))
        verify_evidence(&r->result, &v, q->snapshot ? &q->snapshot->snapshot : NULL,
                        q->context ? q->context->cache : NULL, &a);
    else
        verify_not_asked(&r->result, &v, &err, &a);
    r->result.trips =
        (struct round_trips){q->round_trips.n, q->round_trips.least_us, q->round_trips.median_us};
    return r;
}
