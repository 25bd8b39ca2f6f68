/*
 * An appraisal beside what others say: an ownership endorsement, a machine list and a revocation
 * list of a million entries each, loaded once (situs_endorsements_load); the machine is known.
 */
#include <stdlib.h>

#include "base/wr.h"
#include "bench.h"
#include "clock.h"
#include "endorse/id_list/id_list_write.h"
#include "endorse/revocation/revocation_write.h"
#include "lab/attacks/lab_judge.h"
#include "lab/attacks/lab_words.h"
#include "lab/intel/lab_collateral.h"
#include "verifier.h"

#define AT INT64_C(1790000000)
#define ENTRIES 1000000
#define WARM 1000
#define STEP 4001 /* between first words: entries rise, and stay below 2^32 */
#define ID_SIZE 16
#define ROOM (ENTRIES * 28 + 65536)
#define POES 12 /* with two lists, and what the bundle brings, no more than one appraisal takes */
#define OWNER "Example Cloud, Inc."

static struct {
    struct lab_stage *stage;
    struct signed_doc_issuer issuer;
    struct situs_item parts[LAB_PARTS], bundle, words[2 + POES];
    size_t entries;
    uint8_t *room[2]; /* for the lists */
    struct situs_request request;
    struct situs_memory memory;
} w;

static const uint8_t nonce[32] = {1};

static bool put(void *to, struct span bytes)
{
    wr_bytes(to, bytes);
    return wr_ok(to);
}

static void make_id(uint8_t id[ID_SIZE], size_t i)
{
    struct wr out = wr_new(id, ID_SIZE);
    wr_u32be(&out, (uint32_t)(i * STEP));
    wr_u32be(&out, (uint32_t)i);
    wr_u64be(&out, i);
}

/* The machine's PPID in its place among the others. */
static bool write_list(struct wr *out, const uint8_t ppid[ID_SIZE])
{
    struct situs_err err = {0};
    struct id_list_writer list;
    const struct id_list_meta meta = {.number = 1,
                                      .valid = lab_words_days(w.stage, 0, 1),
                                      .owner = SPAN_LIT(OWNER),
                                      .facility = SPAN_LIT("lab-hall-1"),
                                      .kind = LISTING_PPID,
                                      .count = w.entries + 1};
    bool ok = id_list_write_begin(&list, &meta, &w.issuer, put, out, &err), written = false;
    for (size_t i = 0; i < w.entries && ok; i++) {
        uint8_t id[ID_SIZE];
        make_id(id, i);
        if (!written && memcmp(ppid, id, ID_SIZE) < 0)
            ok = written = id_list_write_add(&list, span_of(ppid, ID_SIZE), &err);
        ok = ok && id_list_write_add(&list, SPAN_ARR(id), &err);
    }
    if (ok && !written)
        ok = id_list_write_add(&list, span_of(ppid, ID_SIZE), &err);
    return id_list_write_end(&list, &err) && ok;
}

static bool write_revoked(struct wr *out)
{
    struct situs_err err = {0};
    struct revocation_writer list;
    const struct revocation_plan plan = {REVOCATION_PIID, ID_SIZE, w.entries};
    const struct revocation_meta meta = {1, lab_words_days(w.stage, 0, 1),
                                         SPAN_LIT("the lab's issuer"), &plan, 1};
    bool ok = revocation_write_begin(&list, &meta, &w.issuer, put, out, &err);
    for (size_t i = 0; i < w.entries && ok; i++) {
        uint8_t id[ID_SIZE];
        make_id(id, i);
        ok = revocation_write_add(&list, SPAN_ARR(id), REVOCATION_REASON_SOLD, AT - 1, &err);
    }
    return revocation_write_end(&list, &err) && ok;
}

/* make_words writes lists of so many entries, and endorsements of the machine that differ in when
 * they begin. */
static bool make_words(size_t entries, size_t poes)
{
    const struct lab_owner *owner = &w.stage->owner;
    const struct lab_platform *p = &w.stage->cpu[CLOUD_A].platform;
    struct wr list = wr_new(w.room[0], ROOM), revoked = wr_new(w.room[1], ROOM);
    w.entries = entries;
    if (!write_list(&list, p->ppid) || !write_revoked(&revoked))
        return false;
    w.words[0] = item_of("list", wr_span(&list));
    w.words[1] = item_of("revoked", wr_span(&revoked));
    for (size_t i = 0; i < poes; i++)
        w.words[2 + i] = item_of("poe", lab_words_poe(w.stage, owner, p->piid, OWNER,
                                                      lab_words_days(w.stage, -10 - (int)i, 20)));
    return true;
}

/* make_room is for the lists, and the key that signs them; all live as long as the program. */
static bool make_room(void)
{
    struct situs_err err = {0};
    const struct lab_owner *owner = &w.stage->owner;
    w.issuer = (struct signed_doc_issuer){&owner->leaf, owner->n_certs,
                                          sign_key_read(owner->key, "owner", &err)};
    w.room[0] = malloc(ROOM);
    w.room[1] = malloc(ROOM);
    return w.issuer.key && w.room[0] && w.room[1];
}

bool bench_words_setup(const char **reason)
{
    *reason = "the lab's machine or its lists could not be made";
    if (w.stage)
        return w.memory.p != NULL;
    w.stage = lab_stage_new(AT);
    struct lab_judge *j = lab_judge_new(w.stage);
    struct lab_evidence e = lab_vm_attest(&w.stage->a, LAB_SITUS, nonce);
    const struct lab_platform *p = &w.stage->cpu[CLOUD_A].platform;
    struct lab_collateral c = lab_collateral_honest(w.stage->w, p, true);
    lab_collateral_parts(w.stage->w, &c, w.parts);
    w.bundle = item_of("bundle", lab_judge_bundle(j, &e));
    w.request = (struct situs_request){.evidence = w.bundle,
                                       .nonce = item_of("nonce", SPAN_ARR(nonce)),
                                       .channel = item_of("channel", e.peer),
                                       .at = AT};
    bool ok = make_room() && make_words(ENTRIES, 1) &&
              bench_load(&w.request, item_of("trust", lab_judge_trust(j)),
                         item_of("policy", lab_judge_policy(j, LAB_LISTED)), w.parts, LAB_PARTS) &&
              bench_words(&w.request, w.words, 3);
    lab_judge_free(j);
    if (ok)
        w.memory = bench_memory();
    return w.memory.p != NULL;
}

/* Owned and listed both hold. */
bool bench_words_million(size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++) {
        const struct situs_result *r = situs_verify(&w.request, w.memory);
        good = situs_result_trusted(r) && situs_result_holds(r, "listed") &&
               situs_result_holds(r, "owned");
    }
    return good;
}

size_t bench_words_arena(void)
{
    return bench_used(&w.memory);
}

bool bench_words_grow(size_t entries, size_t poes, double *load, double *verify)
{
    const size_t times = 100;
    const char *reason;
    bool good = poes <= POES && bench_words_setup(&reason) && make_words(entries, poes);
    double begin = clock_thread();
    good = good && bench_words(&w.request, w.words, 2 + poes);
    *load = clock_thread() - begin;
    good =
        good && bench_words_million(WARM); /* from here on all is known, keys with their tables */
    begin = clock_thread();
    good = good && bench_words_million(times);
    *verify = (clock_thread() - begin) / (double)times;
    return good;
}
