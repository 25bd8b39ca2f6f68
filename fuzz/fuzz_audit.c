/* Fuzzes the reader of the audit log: what it takes for whole is a chain, whose lines it can find again. */
#include <assert.h>

#include "audit/audit_chain.h"
#include "crypto/digest.h"
#include "oracle.h"

const char *const oracles[] = {"whole", "broken", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct audit_chain c = {.lines = 0};
    struct situs_err err = {0};
    uint8_t last[32];
    bool ok = audit_chain_add(&c, span_of(data, size), "log", &err);
    assert(ok == (err.code == SITUS_NONE));
    assert(ok || (c.lines == c.line - 1 && err.at < size));
    if (c.lines == 0)
        return 0;
    size_t at = 0, n = 0;
    for (uint64_t i = 0; i < c.lines; i++) {
        at += n ? n + 1 : 0;
        const uint8_t *end = memchr(data + at, '\n', size - at);
        assert(end);
        n = (size_t)(end - (data + at));
    }
    assert(digest(HASH_SHA256, span_of(data + at, n), last));
    assert(memcmp(last, c.head.sha256, sizeof last) == 0);
    assert(c.head.number == c.before.number + c.lines);
    oracle_ran(ok ? 0 : 1);
    return 0;
}
