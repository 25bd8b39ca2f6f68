/* Words about the machine; see ownership.h. */
#include "situs/ownership.h"

#include "endorse/id_list/listing.h"
#include "endorse/poe/poe_verify.h"
#include "endorse/vouch/vouching.h"

#define OWN_ISSUERS 4

/* Several endorsements of one issuer cost one chain, also without a context; NULL: no memory. */
static struct issuer_cache *own_cache(struct arena *a)
{
    void *memory = arena_take(a, issuer_cache_size(OWN_ISSUERS));
    return memory ? issuer_cache_new(memory, OWN_ISSUERS) : NULL;
}

void ownership_decide(struct result *r, struct gathered *g, struct revocations *revocations,
                      const struct situs_request *q, struct arena *a)
{
    struct issuer_cache *issuers = door_context(q)->issuers;
    struct issuer_cache *own = issuers ? NULL : own_cache(a);
    const struct span quote = g->tee.whole;
    const struct question question = {.claims = r->claims,
                                      .quote = quote,
                                      .sent = span_of(quote.p, quote.n + g->tee.padding),
                                      .trust = door_trust(q->trust),
                                      .policy = &q->policy->policy,
                                      .at = q->at,
                                      .seen = door_seen(q),
                                      .crls = &g->words.crls,
                                      .revocations = revocations,
                                      .issuers = own ? own : issuers,
                                      .arena = a};
    answer_all(&poe_family, &g->words, &question, r);
    answer_all(&listing_family, &g->words, &question, r);
    answer_all(&vouching_family, &g->words, &question, r);
    issuer_cache_free(own);
}
