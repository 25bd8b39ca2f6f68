/* Appraisals with caches; see warm.h. */
#include "support/warm.h"

#include "base/limits.h"
#include "situs/report.h"
#include "support/test.h"

#define SLOTS 4
#define ROOM (64 * 1024)
#define TEXT_SIZE (256 * 1024)

static const char *report(const struct result *r, char text[TEXT_SIZE])
{
    struct wr w = wr_new(text, TEXT_SIZE - 1);
    report_json(r, &w);
    assert_true(wr_ok(&w));
    text[w.n] = 0;
    return text;
}

void warm_as_cold(const struct verify_request *request, const struct snapshot *snapshot,
                  const struct result *cold)
{
    static uint8_t room[4][ROOM], memory[4 * VERIFICATION_ARENA];
    static char expected[TEXT_SIZE], text[TEXT_SIZE];
    static struct result result;
    struct verify_request q = *request;
    struct quote_cache *quotes = quote_cache_new(room[0], SLOTS);
    assert_true(quote_cache_size(SLOTS) <= ROOM && issuer_cache_size(SLOTS) <= ROOM);
    assert_true(ak_cache_size(SLOTS) <= ROOM && key_cache_size(SLOTS) <= ROOM);
    q.issuers = issuer_cache_new(room[1], SLOTS);
    q.ak_certs = ak_cache_new(room[2], SLOTS);
    q.ak_keys = key_cache_new(room[3], SLOTS);
    report(cold, expected);
    for (int i = 0; i < 2; i++) {
        struct arena a = arena_new(memory, sizeof memory);
        verify_evidence(&result, &q, snapshot, quotes, &a);
        assert_string_equal(report(&result, text), expected);
    }
    quote_cache_free(quotes);
    issuer_cache_free(q.issuers);
    key_cache_free(q.ak_keys);
}
