/* A bundle that was read, written in both forms and read again, holds the same items; so does the
 * TPM quote item. */
#include <assert.h>

#include "model/bundle.h"
#include "model/tpm_value.h"
#include "oracle.h"

const char *const oracles[] = {"bundle round trip", "TPM quote round trip", NULL};

static _Alignas(16) uint8_t memory[2][1 << 17];
static uint8_t out[1 << 17];

static void check_bundle(const struct bundle *b, bool json)
{
    struct wr w = wr_new(out, sizeof out);
    struct arena arena = arena_new(memory[1], sizeof memory[1]);
    struct situs_err err = {0};
    struct bundle again;
    if (!bundle_write(b, json, &w))
        return;
    if (!bundle_read(&again, wr_span(&w), &arena, &err)) {
        assert(err.code == SITUS_NO_MEMORY);
        return;
    }
    assert(again.n == b->n);
    for (size_t i = 0; i < b->n; i++)
        assert(span_equal(bundle_find(&again, b->item[i].label)->value, b->item[i].value));
    if (b->n)
        oracle_ran(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = arena_new(memory[0], sizeof memory[0]);
    struct situs_err err = {0};
    struct bundle b;
    struct tpm_value v;
    struct wr w = wr_new(out, sizeof out);
    if (bundle_read(&b, span_of(data, size), &arena, &err)) {
        check_bundle(&b, false);
        check_bundle(&b, true);
    }
    err = (struct situs_err){0};
    if (tpm_value_read(&v, span_of(data, size), "guest", &err) && tpm_value_write(&v, &w)) {
        assert(span_equal(wr_span(&w), span_of(data, size)));
        oracle_ran(1);
    }
    return 0;
}
