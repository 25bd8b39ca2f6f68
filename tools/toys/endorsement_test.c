/* The toy's test: the file of the caller's, the policy's word, the bundle's item, and both answers. */
#include "endorse/id_list/listing.h"
#include "endorse/revocation/revocations.h"
#include "situs.h"
#include "situs/evidence_kind.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static uint8_t room[1 << 20], memory[1 << 20];

static enum outcome ask(const struct policy *policy, struct endorsements *words)
{
    static const struct anchor maker = {.name = "maker"};
    static struct result r;
    struct arena a = arena_new(memory, sizeof memory);
    static const struct trust none;
    struct revocations revocations;
    r = (struct result){.findings = {.arena = &a}};
    r.claims[INSTANCE_TEE] = (struct claims){.instance = "tdx", .authority = &maker};
    claim_bytes(&r.claims[INSTANCE_TEE], CLAIM_PPID, SPAN_LIT("0123456789abcdef"));
    revocations_of(&revocations, words, &a);
    const struct question q = {.claims = r.claims,
                               .policy = policy,
                               .trust = &none,
                               .revocations = &revocations,
                               .arena = &a};
    answer_all(&listing_family, words, &q, &r);
    return r.findings.v[CHECK_LIST_MATCH].outcome;
}

int main(void)
{
    static const char good[] = "TOY0123456789abcdef", bad[] = "TOY0123456789abcdeX";
    const struct span text =
        SPAN_LIT("{\"require\": [\"genuine\"], \"list.signature\": {\"sources\": [\"toy\"]}}");
    struct arena a = arena_new(room, sizeof room);
    struct situs_err err = {0};
    static struct policy policy;
    assert(policy_read(&policy, "toy", text, &a, &err));
    assert(endorsement_is("file", SPAN_LIT(good)) == ENDORSEMENT_TOY);
    const char *const texts[] = {good, bad};
    for (int i = 0; i < 2; i++) {
        struct bundle b = {.n = 0};
        struct endorsements sent = {.n = 0}, own = {.n = 0};
        struct span in = span_text(texts[i]);
        assert(bundle_add(&b, "toy.word", ITEM_TOY, in, &err));
        assert(endorsements_take(&sent, &b, &a, &err) && sent.n == 1 && bundle_all_used(&b, &err));
        assert(endorsements_read(
            &own, (struct endorsement){.part = "toy", .kind = ENDORSEMENT_TOY, .bytes = in}, NULL,
            &a, &err));
        enum outcome wanted = i ? OUTCOME_FAIL : OUTCOME_PASS;
        assert(ask(&policy, &own) == wanted && ask(&policy, &sent) == wanted);
    }
    const struct situs_item item = {"toy", good, 19}, cut = {"toy", good, 18};
    const struct situs_memory m = {memory, sizeof memory};
    assert(situs_endorsements_load(&item, 1, NULL, m, &err));
    assert(!situs_endorsements_load(&cut, 1, NULL, m, &err) && err.code == SITUS_MALFORMED);
    const struct evidence_kind *kind =
        evidence_kind(SPAN_LIT("\xd2\x84\x4a\xa1\x03\x67vnd.toy")); /* a COSE_Sign1's beginning */
    assert(kind && strcmp(kind->what, "a toy list") == 0 && kind->places == PLACE_ENDORSEMENT);
    puts("the toy is told, read, accepted, brought and answered");
    return 0;
}
