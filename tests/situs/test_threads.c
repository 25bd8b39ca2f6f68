/*
 * situs.h: "a snapshot, endorsements, a policy and a trust store are immutable once made and may be
 * shared by threads; a context belongs to one thread at a time". Threads appraise good and bad
 * evidence under shared ones; tools/threads.sh runs this under ThreadSanitizer, and with an argument
 * shares the context too, which must be reported.
 */
#include "lab/attacks/lab_judge.h"
#include "lab/attacks/lab_words.h"
#include "lab/intel/lab_collateral.h"
#include "situs.h"

#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT INT64_C(1800000000)
#define THREADS 4
#define ROUNDS 200
#define SLOTS 8

enum { GOOD, FLIPPED, STALE, KINDS }; /* evidence; STALE is of another challenge */

static struct {
    const struct situs_trust *trust;
    const struct situs_policy *policy;
    struct situs_snapshot *snapshot;
    struct situs_endorsements *words;
    struct situs_item evidence[KINDS], channel;
    uint8_t nonce[32], collateral_sha256[32];
    struct situs_context *context; /* one for all: the control */
} shared;

static struct situs_memory memory(size_t size)
{
    void *p = malloc(size);
    if (!p)
        lab_die("no memory");
    return (struct situs_memory){p, size};
}

static struct situs_item item(const char *name, struct span s)
{
    return (struct situs_item){name, s.p, s.n};
}

static void appraise(struct situs_context *context, struct situs_memory room, int kind)
{
    const struct situs_request q = {.evidence = shared.evidence[kind],
                                    .nonce = {"nonce", shared.nonce, sizeof shared.nonce},
                                    .channel = shared.channel,
                                    .trust = shared.trust,
                                    .policy = shared.policy,
                                    .snapshot = shared.snapshot,
                                    .endorsements = shared.words,
                                    .context = context,
                                    .at = AT};
    const struct situs_result *r = situs_verify(&q, room);
    if (!r || situs_result_trusted(r) != (kind == GOOD))
        lab_die("evidence %d: exit code %d", kind, situs_result_exit(r));
    uint8_t sha256[32];
    if (!situs_result_sha256(r, SITUS_INPUT_COLLATERAL, 0, sha256) ||
        memcmp(sha256, shared.collateral_sha256, sizeof sha256) != 0)
        lab_die("the collateral has another hash");
}

static void *work(void *first)
{
    struct situs_memory room = memory(SITUS_VERIFY_MEMORY), own = memory(situs_context_size(SLOTS));
    struct situs_context *mine = situs_context_new(SLOTS, own);
    if (!mine)
        lab_die("no context");
    for (int i = 0; i < ROUNDS; i++)
        appraise(shared.context ? shared.context : mine, room, (*(int *)first + i) % KINDS);
    situs_context_free(mine);
    free(own.p);
    free(room.p);
    return NULL;
}

/* The owner's word, and of lists and CRLs one each: every kind that keeps what was verified. */
static void load_words(struct lab_stage *s)
{
    const struct lab_owner *owner = &s->owner;
    const uint8_t *piid = s->cpu[CLOUD_A].platform.piid;
    struct window day = lab_words_days(s, 0, 1);
    struct situs_err err = {0};
    const struct situs_item words[] = {
        item("poe.cbor", lab_words_poe(s, owner, piid, LAB_WORDS_OWNER, day)),
        item("revoked.cose", lab_words_revocations(s, owner, AT, NULL, 0, day)),
        item("list.cose", lab_words_list(s, owner, AT, KIND_TDX, 1u << CLOUD_A, day)),
        item("provider.crl", lab_ca_crl(&s->provider, 0)),
        item("list.csv", SPAN_LIT("00112233445566778899aabbccddeeff,hall\n")),
    };
    size_t n = sizeof words / sizeof *words;
    shared.words = situs_endorsements_load(words, n, shared.trust,
                                           memory(situs_endorsements_memory(words, n)), &err);
    if (!shared.words)
        lab_die("%s %s: expected %s, got %s", err.part, err.field, err.expected, err.got);
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

/* What situs_result_sha256 must say of the items, whichever thread asks first. */
static void hash(const struct situs_item items[LAB_PARTS])
{
    uint8_t each[LAB_PARTS][32];
    for (size_t i = 0; i < LAB_PARTS; i++)
        SHA256(items[i].p, items[i].size, each[i]);
    qsort(each, LAB_PARTS, sizeof *each, by_bytes);
    SHA256(each[0], sizeof each, shared.collateral_sha256);
}

static void load(struct lab_stage *s, struct lab_judge *j)
{
    struct situs_item parts[LAB_PARTS];
    struct situs_item items[LAB_PARTS];
    struct lab_collateral c = lab_collateral_honest(s->w, &s->cpu[CLOUD_A].platform, true);
    struct situs_err err = {0};
    lab_collateral_parts(s->w, &c, parts);
    for (size_t i = 0; i < LAB_PARTS; i++)
        items[i] = parts[i];
    hash(items);
    shared.trust =
        situs_trust_read(item("trust", lab_judge_trust(j)), memory(SITUS_TRUST_MEMORY), &err);
    shared.policy = situs_policy_read(item("policy", lab_judge_policy(j, LAB_OWNED_BOUND)),
                                      memory(SITUS_POLICY_MEMORY), &err);
    if (shared.trust)
        shared.snapshot = situs_snapshot_load(items, LAB_PARTS, shared.trust,
                                              memory(SITUS_SNAPSHOT_MEMORY), &err);
    if (!shared.policy || !situs_snapshot_tabulate(shared.snapshot))
        lab_die("%s %s: expected %s, got %s", err.part, err.field, err.expected, err.got);
}

/* The honest bundle, one whose TD quote is flipped, and one of yesterday's challenge. */
static void collect(struct lab_stage *s, struct lab_judge *j)
{
    uint8_t before[32] = {2};
    struct lab_buf flipped = {0};
    shared.nonce[0] = 1;
    struct lab_evidence e = lab_vm_attest(&s->a, LAB_SITUS, shared.nonce);
    struct lab_evidence stale = lab_vm_attest(&s->a, LAB_SITUS, before);
    shared.channel = item("channel", s->a.spki);
    shared.evidence[GOOD] = item("good", lab_judge_bundle(j, &e));
    shared.evidence[STALE] = item("stale", lab_judge_bundle(j, &stale));
    lab_buf_bytes(&flipped, e.tdx);
    flipped.p[200] ^= 1;
    e.tdx = lab_world_keep(s->w, &flipped);
    shared.evidence[FLIPPED] = item("flipped", lab_judge_bundle(j, &e));
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    int first[THREADS];
    struct lab_stage *s = lab_stage_new(AT);
    struct lab_judge *j = lab_judge_new(s);
    (void)argv;
    load(s, j);
    load_words(s);
    collect(s, j);
    if (argc > 1)
        shared.context = situs_context_new(SLOTS, memory(situs_context_size(SLOTS)));
    for (int i = 0; i < THREADS; i++) {
        first[i] = i;
        if (pthread_create(&threads[i], NULL, work, &first[i]) != 0)
            lab_die("no thread");
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("%d appraisals in %d threads, as they should be\n", THREADS * ROUNDS, THREADS);
    situs_endorsements_free(shared.words);
    situs_snapshot_free(shared.snapshot);
    situs_context_free(shared.context);
    lab_judge_free(j);
    lab_stage_free(s);
    return 0;
}
