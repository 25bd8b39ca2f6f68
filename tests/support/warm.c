/* Appraisals with caches; see warm.h. */
#include "support/warm.h"

#include "base/limits.h"
#include "situs/report.h"
#include "support/test.h"

#define SLOTS 4
#define ROOM (256 * 1024)
#define TEXT_SIZE (256 * 1024)

static const char *report(const struct situs_result *r, char text[TEXT_SIZE])
{
    struct wr w = wr_new(text, TEXT_SIZE - 1);
    report_json(r, &w);
    assert_true(wr_ok(&w));
    text[w.n] = 0;
    return text;
}

/* Nothing of what others say was verified before. */
static void read_only(struct endorsements *to, const struct endorsements *from, struct arena *a)
{
    struct situs_err err = {0};
    *to = (struct endorsements){.n = 0};
    for (size_t i = 0; i < from->n; i++) {
        const struct endorsement *e = &from->v[i];
        assert_true(endorsements_read(
            to, (struct endorsement){.part = e->part, .kind = e->kind, .bytes = e->bytes}, NULL, a,
            &err));
    }
}

void warm_as_cold(const struct situs_request *request, const struct result *cold)
{
    static _Alignas(max_align_t) uint8_t room[ROOM], memory[4 * VERIFICATION_ARENA];
    static char expected[TEXT_SIZE], text[TEXT_SIZE];
    static struct situs_result result;
    struct situs_request q = *request;
    struct situs_context *context = situs_context_new(SLOTS, (struct situs_memory){room, ROOM});
    assert_non_null(context);
    q.context = context;
    report(door_result(cold), expected);
    for (int i = 0; i < 2; i++) {
        struct arena a = arena_new(memory, sizeof memory);
        result.asked = q;
        evidence_verify(&result.result, &q, &a);
        assert_string_equal(report(&result, text), expected);
    }
    if (request->endorsements) {
        static struct situs_endorsements unknown;
        static _Alignas(max_align_t) uint8_t words[256 * 1024];
        struct arena a = arena_new(memory, sizeof memory), b = arena_new(words, sizeof words);
        read_only(&unknown.words, &request->endorsements->words, &b);
        q = *request;
        unknown.n = request->endorsements->n;
        memcpy(unknown.sha256, request->endorsements->sha256, sizeof unknown.sha256);
        q.endorsements = &unknown;
        result.asked = q;
        evidence_verify(&result.result, &q, &a);
        assert_string_equal(report(&result, text), expected);
    }
    situs_context_free(context);
}
