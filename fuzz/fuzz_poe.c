/* Ownership endorsements: reading, and verification under an anchor out of themselves,
 * so that hostile chains reach the certificate code. */
#include "crypto/digest.h"
#include "endorse/poe/poe_verify.h"
#include "oracle.h"

const char *const oracles[] = {"verified under its own anchor", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[65536], cache_memory[4096];
    struct situs_err err = {0};
    struct arena arena = arena_new(memory, sizeof memory);
    struct findings findings = {.arena = &arena};
    struct claims claims = {.instance = NULL}, tee = {.instance = "tdx"};
    struct anchor anchor = {.name = "fuzz", .uses = ANCHOR_POE};
    struct trust trust = {.anchors = &anchor, .n = 1};
    struct poe poe;

    cose_content_type(span_of(data, size));
    if (!poe_read(&poe, span_of(data, size), "poe", &err))
        return 0;
    anchor.der = poe.certs[poe.n_certs - 1];
    if (!digest(HASH_SHA256, anchor.der, anchor.sha256))
        return 0;
    struct issuer_cache *cache = issuer_cache_new(cache_memory, 2);
    const struct poe_question q = {
        .poe = &poe, .trust = &trust, .cache = cache, .at = poe.validity.from, .part = "poe"};
    for (int i = 0; i < 2; i++)
        poe_verify(&q, &arena, &claims, &findings);
    if (claims.authority)
        oracle_ran(0);
    tee.authority = &anchor;
    claim_bytes(&tee, CLAIM_PIID, poe.piid);
    poe_match(&claims, &tee, "poe", &findings);
    issuer_cache_free(cache);
    return 0;
}
