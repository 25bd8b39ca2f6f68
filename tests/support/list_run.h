/* One signed id list through writing, reading and judging: a test breaks one thing. */
#ifndef SITUS_TESTS_LIST_RUN_H
#define SITUS_TESTS_LIST_RUN_H

#include "support/test.h"

#include "base/text.h"
#include "endorse/id_list/id_list_write.h"
#include "support/soft_signer.h"

#include <stdio.h>

#define NOW (SOFT_CA_NOON - 3600)
#define HOUR 3600

static struct soft_signer signer, other;

/* One appraisal, good as made by good(): a test breaks one thing. */
struct scene {
    struct id_list_meta meta;
    uint8_t ids[3][64];
    uint8_t bytes[8192];
    struct span file;
    struct id_list list;
    struct anchor anchors[2];
    struct trust trust;
    struct policy policy;
    struct span sources[1], allow[1], facilities[1], deny[1];
    struct claims claims[INSTANCE_COUNT];
    struct question q;
    uint8_t memory[32768];
    struct arena arena;
    struct answer answer;
    struct situs_err err;
};
static struct scene s;

static inline int make(void **state)
{
    (void)state;
    soft_signer_make(&signer, "fleet CA", NOW, NULL);
    soft_signer_make(&other, "other CA", NOW, NULL);
    return 0;
}

static inline void param(enum param p, struct span *words, const char *word)
{
    words[0] = span_text(word);
    s.policy.v[p] = (struct param_value){.given = true, .words = words, .n = 1};
}

static inline void good(void)
{
    memset(&s, 0, sizeof s);
    s.meta = (struct id_list_meta){.number = 7,
                                   .valid = {NOW - HOUR, NOW + HOUR},
                                   .owner = SPAN_LIT("owner.example"),
                                   .facility = SPAN_LIT("hall 4"),
                                   .count = 3};
    for (size_t i = 0; i < 3; i++)
        memset(s.ids[i], (int)(0x11 * (i + 1)), sizeof s.ids[i]);
    s.anchors[0] = signer.anchor;
    s.trust = (struct trust){.anchors = s.anchors, .n = 1};
    param(PARAM_LIST_SOURCES, s.sources, "signed");
    param(PARAM_LIST_ALLOW, s.allow, "fleet CA=owner.example");
    s.claims[INSTANCE_TEE].instance = "tdx";
    s.claims[INSTANCE_TEE].authority = &signer.anchor; /* any will do */
    claim_bytes(&s.claims[INSTANCE_TEE], CLAIM_PPID, span_of(s.ids[1], 16));
    s.arena = arena_new(s.memory, sizeof s.memory);
    s.q = (struct question){
        .claims = s.claims, .trust = &s.trust, .policy = &s.policy, .at = NOW, .arena = &s.arena};
}

/* Writes and reads the list of s.meta over s.ids, each cut to its size or hashed. */
static inline void list_by(const struct soft_signer *by)
{
    struct id_list_writer w;
    struct wr out = wr_new(s.bytes, sizeof s.bytes);
    uint8_t hash[3][ID_LIST_HASH_SIZE];
    struct span entry[3];
    for (size_t i = 0; i < 3; i++)
        entry[i] =
            id_list_entry(s.meta.salt, span_of(s.ids[i], listing_kind_size(s.meta.kind)), hash[i]);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = i + 1; j < 3; j++)
            if (span_compare(entry[j], entry[i]) < 0) {
                struct span swap = entry[i];
                entry[i] = entry[j];
                entry[j] = swap;
            }
    assert_true(id_list_write_begin(&w, &s.meta, &by->issuer, soft_signer_put, &out, &s.err));
    for (size_t i = 0; i < 3; i++)
        assert_true(id_list_write_add(&w, entry[i], &s.err));
    assert_true(id_list_write_end(&w, &s.err));
    s.file = wr_span(&out);
    assert_true(id_list_read(&s.list, s.file, &s.err));
}

static inline void ask(void)
{
    id_list_answer(&s.list, &s.q, &s.answer);
}

/* The caller saw this number of the signer's lists. */
static inline void seen(uint64_t number, const char *facility)
{
    static struct situs_seen one;
    one = (struct situs_seen){"ppid", "fleet CA", NULL, facility, number};
    s.q.seen = (struct seen){&one, 1};
}

static inline void answer(void)
{
    list_by(&signer);
    ask();
}

#endif
