/* The order of collection; see attest.h. */
#include "attester/attest.h"

#include "frame/out.h"

#include <stdlib.h>

#define ATTEST_ARENA (LIMIT_BUNDLE + 1024 * 1024)

struct source {
    bool (*run)(struct attest *a, struct span *value, struct situs_err *err);
    const char *label;
    enum item_kind kind;
};

static const struct source sources[] = {
#define SOURCE(name, label, kind) {source_##name, label, kind},
#include "attester/sources.def"
#undef SOURCE
};

static bool run_sources(struct attest *a, struct situs_err *err)
{
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct span value = {NULL, 0};
        const struct source *s = &sources[i];
        if (!s->run(a, &value, err) ||
            (value.n && !bundle_add(&a->bundle, s->label, s->kind, value, err)))
            return false;
        if (value.n)
            out_step("bundle: %s, %zu bytes", s->label, value.n);
    }
    return bundle_add(&a->bundle, "channel", ITEM_SPKI, channel_spki(a->channel), err);
}

bool attest_collect(const struct attest_config *config, const struct channel *channel,
                    const uint8_t nonce[BIND_NONCE_SIZE], bool json, struct wr *out,
                    struct situs_err *err)
{
    struct attest *a = calloc(1, sizeof *a);
    void *memory = malloc(ATTEST_ARENA);
    size_t start = out->n;
    bool ok = a && memory;
    if (!ok)
        err_fail(err, SITUS_NO_MEMORY, "attest", "", SITUS_NO_OFFSET, NULL, NULL);
    if (ok) {
        *a = (struct attest){.config = config, .channel = channel, .nonce = nonce};
        a->arena = arena_new(memory, ATTEST_ARENA);
        ok = run_sources(a, err);
        tpm_flush(a->tpm, &a->ak);
        tpm_close(a->tpm);
    }
    if (ok && !bundle_write(&a->bundle, json, out))
        ok = err_fail(err, SITUS_TOO_LONG, "bundle", "size", SITUS_NO_OFFSET, "at most 4 MiB",
                      "more");
    if (!ok)
        out->n = start;
    free(memory);
    free(a);
    return ok;
}
