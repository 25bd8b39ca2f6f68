/* Real Intel chains; see intel_vectors.h. */
#include "support/intel_vectors.h"

#include "support/test.h"
#include "support/vectors.h"

#include <stdio.h>
#include <unistd.h>

const char *const intel_vectors_folders[] = {"phala-v4",  "bare-metal-2025", "gcp-cos113",
                                             "live-ccel", "azure-2026",      "azure-v5",
                                             "spr-e4",    "wrong-fmspc",     NULL};

struct span intel_vectors_read(const char *folder, const char *file)
{
    char name[128], path[4352];
    snprintf(name, sizeof name, "tdx/%s/%s", folder, file);
    snprintf(path, sizeof path, "%s/%s", vectors_root(), name);
    return access(path, R_OK) == 0 ? vectors_read(name) : span_of(NULL, 0);
}

struct span intel_vectors_pck_chain(const char *folder)
{
    struct span quote = intel_vectors_read(folder, "quote.bin");
    struct span begin = SPAN_LIT("-----BEGIN CERTIFICATE-----"),
                end = SPAN_LIT("-----END CERTIFICATE-----");
    size_t from = quote.n, to = 0;
    for (size_t i = 0; i < quote.n; i++) {
        struct span left = span_cut(quote, i, quote.n - i);
        if (from == quote.n && span_starts(left, begin))
            from = i;
        if (span_starts(left, end))
            to = i + end.n;
    }
    assert_true(from < to);
    return span_cut(quote, from, to - from);
}
