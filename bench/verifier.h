/* The verifier's side of the rows that appraise whole bundles: what it loads once. */
#ifndef SITUS_BENCH_VERIFIER_H
#define SITUS_BENCH_VERIFIER_H

#include "base/item.h"
#include "situs.h"

/* bench_load puts trust, policy, a snapshot of the collateral and an empty context into the
 * request; they live until the program ends. The items must, too. */
bool bench_load(struct situs_request *q, struct situs_item trust, struct situs_item policy,
                const struct situs_item *collateral, size_t n);

/* bench_words loads what others say, likewise, after bench_load. */
bool bench_words(struct situs_request *q, const struct situs_item *items, size_t n);

/* bench_memory is memory for one verification; bench_used is its highest byte that was ever used:
 * all were zero before. */
struct situs_memory bench_memory(void);
size_t bench_used(const struct situs_memory *m);

#endif
