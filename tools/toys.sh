#!/bin/sh
# toys.sh: what a new kind costs, counted. In a scratch copy of the tree a toy of it is added, as a person would
# add it; built; and asked by a program of its own. It must be told, read, accepted by a policy, brought by a
# bundle and answered; and it may touch two files that were there before, not one more.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
git ls-files -z | tar -c --null -T - | tar -x -C "$dir"
cd "$dir"
git init -q . && git add -A && git -c user.name=toys -c user.email=toys@example.invalid commit -qm before

# The row, and the line of the build.
cat >>src/model/endorsements.def <<'ROW'
ENDORSEMENT(TOY, toy, "toy list", SENT(TOY, "vnd.toy"), WORD_OF_LISTS("toy"))
ROW
sed -i "s|^  'registry/google_host.c',|&\n  'registry/toy.c',|" src/endorse/meson.build

# Its own file: "TOY", and one PPID of 16 bytes.
cat >src/endorse/registry/toy.c <<'FILE'
/* A toy: "TOY" and the one machine that it vouches for. */
#include "endorse/id_list/listing.h"

static const struct anchor party = {.name = "toy", .uses = ANCHOR_LIST};

static bool is_toy(const char *name, struct span in)
{
    (void)name;
    return span_starts(in, SPAN_LIT("TOY"));
}

static bool read_toy(struct endorsement *e, const struct trust *once, struct arena *a,
                     struct situs_err *err)
{
    (void)once, (void)a;
    return e->bytes.n == 19 || err_fail(err, SITUS_MALFORMED, e->part, "toy", 0, "19 bytes", NULL);
}

static void tell_toy(const struct endorsement *e, struct claims *c)
{
    claim_bytes(c, CLAIM_PPID, span_cut(e->bytes, 3, 16));
}

static void answer_toy(const struct endorsement *e, const struct question *q, struct answer *x)
{
    struct span id = listing_id(q, LISTING_PPID);
    if (!listing_accepts(x, q, "toy"))
        return;
    finding_pass(&x->findings, CHECK_LIST_SIGNATURE);
    finding_pass(&x->findings, CHECK_LIST_WINDOW);
    finding_pass(&x->findings, CHECK_LIST_ROLLBACK);
    if (span_equal(id, span_cut(e->bytes, 3, 16)))
        finding_pass(&x->findings, CHECK_LIST_MATCH);
    else
        answer_fail(x, CHECK_LIST_MATCH, SITUS_MISMATCH, "ppid", NULL, NULL, NULL);
    listing_end(x, &party);
}

const struct endorsement_does toy_endorsement = {.is = is_toy,
                                                 .read = read_toy,
                                                 .tell = tell_toy,
                                                 .family = &listing_family,
                                                 .answer = answer_toy};
FILE

# Its test: the file of the caller's, the policy's word, the bundle's item, and both answers.
cat >toy_test.c <<'FILE'
#include "endorse/id_list/listing.h"
#include "endorse/revocation/revocations.h"
#include "situs.h"

#include <assert.h>
#include <stdio.h>

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
    const struct question q = {.claims = r.claims, .policy = policy, .trust = &none,
                               .revocations = &revocations, .arena = &a};
    answer_all(&listing_family, words, &q, &r);
    return r.findings.v[CHECK_LIST_MATCH].outcome;
}

int main(void)
{
    static const char good[] = "TOY0123456789abcdef", bad[] = "TOY0123456789abcdeX";
    const struct span text = SPAN_LIT("{\"require\": [\"genuine\"], \"list.signature\": {\"sources\": [\"toy\"]}}");
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
        assert(endorsements_read(&own, (struct endorsement){.part = "toy", .kind = ENDORSEMENT_TOY, .bytes = in},
                                 NULL, &a, &err));
        enum outcome wanted = i ? OUTCOME_FAIL : OUTCOME_PASS;
        assert(ask(&policy, &own) == wanted && ask(&policy, &sent) == wanted);
    }
    const struct situs_item item = {"toy", good, 19}, cut = {"toy", good, 18};
    const struct situs_memory m = {memory, sizeof memory};
    assert(situs_endorsements_load(&item, 1, NULL, m, &err));
    assert(!situs_endorsements_load(&cut, 1, NULL, m, &err) && err.code == SITUS_MALFORMED);
    puts("the toy is told, read, accepted, brought and answered");
    return 0;
}
FILE

{
    meson setup toys -Dbuildtype=debug -Doptimization=0 && ninja -C toys libverifier.a &&
        cc -std=c11 -D_GNU_SOURCE -Iinclude -Isrc toy_test.c toys/libverifier.a -lcrypto -ljansson -o toy_test
} >build.log 2>&1 || {
    cat build.log
    exit 1
}
./toy_test

touched=$(git diff --name-only)
count=$(echo "$touched" | wc -l)
echo "a kind of endorsement: its own file, and $count that were there:"
echo "$touched"
[ "$count" -le 2 ]
