/* What a verifier loads once; see verifier.h. */
#include "verifier.h"

#include <stdlib.h>

#define SLOTS 16

static struct situs_memory take(size_t size)
{
    return (struct situs_memory){calloc(1, size), size};
}

bool bench_load(struct situs_request *q, struct situs_item trust, struct situs_item policy,
                const struct situs_item *collateral, size_t n)
{
    struct situs_err err = {0};
    q->trust = situs_trust_read(trust, take(SITUS_TRUST_MEMORY), &err);
    q->policy = situs_policy_read(policy, take(SITUS_POLICY_MEMORY), &err);
    if (!q->trust || !q->policy)
        return false;
    q->snapshot = situs_snapshot_load(collateral, n, q->trust, take(SITUS_SNAPSHOT_MEMORY), &err);
    q->context = situs_context_new(SLOTS, take(situs_context_size(SLOTS)));
    return q->snapshot && q->context;
}

bool bench_words(struct situs_request *q, const struct situs_item *items, size_t n)
{
    struct situs_err err = {0};
    struct situs_memory memory = take(situs_endorsements_memory(items, n));
    q->endorsements = situs_endorsements_load(items, n, q->trust, memory, &err);
    return q->endorsements != NULL;
}

struct situs_memory bench_memory(void)
{
    return take(SITUS_VERIFY_MEMORY);
}

size_t bench_used(const struct situs_memory *m)
{
    size_t n = m->p ? m->size : 0;
    while (n > 0 && ((const unsigned char *)m->p)[n - 1] == 0)
        n--;
    return n;
}
