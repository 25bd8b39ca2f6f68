/* Fuzzes the Platform Manifest reader, binary and hex. */
#include "evidence/platform_manifest.h"
#include "oracle.h"

const char *const oracles[] = {"ids inside", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An identifier of an accepted manifest must lie inside it. */
static void inside(struct span id, struct span whole)
{
    if (id.n != 16 || id.p < whole.p || (size_t)(id.p - whole.p) > whole.n - 16)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[2 * LIMIT_MANIFEST];
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct platform_manifest m;
    struct span bytes;
    if (!platform_manifest_bytes(&bytes, span_of(data, size), &a, &err) ||
        !platform_manifest_read(&m, bytes, &err)) {
        if (err.code == SITUS_NONE || (err.at != SITUS_NO_OFFSET && err.at > size))
            __builtin_trap();
        return 0;
    }
    inside(m.piid, bytes);
    for (uint32_t i = 0; i < m.packages; i++)
        inside(platform_manifest_prid(&m, i), bytes);
    oracle_ran(0);
    return 0;
}
